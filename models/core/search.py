"""Better parameters for the trees, searched for by the loss on unseen folds, within a budget.

The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl 2011) proposes, Optuna carries it out; a trial
whose first folds are worse than the median trial's ends there. The later window, by which the gate judges, is never
looked at: what the search finds by luck the gate refuses.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import lightgbm as lgb
import numpy as np

from conf.models import LearnSpec
from conf.search import Range

if TYPE_CHECKING:
    import optuna

logger = logging.getLogger(__name__)
UNFILTERED: Final = {"feature_pre_filter": False}
"""LightGBM drops features when it bins, by one trial's min_data_in_leaf: the next trial may need them."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold's rows that train and those that watch, binned once for all trials."""

    train: lgb.Dataset
    watch: lgb.Dataset
    weight: float
    """Of the rows that watch."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search ended with. `params`: those to take in place of the configured ones; empty where none was better.

    `loss` is theirs on unseen folds, `configured` that of the parameters as configured, in the objective's unit.
    """

    params: Mapping[str, float | int]
    loss: float
    configured: float
    trials: int
    seconds: float

    @property
    def told(self) -> dict[str, float | int]:
        """What a training's run is told of it."""
        figures = {"loss": self.loss, "configured_loss": self.configured, "trials": self.trials}
        return {f"search_{k}": v for k, v in figures.items()} | {
            f"searched_{k}": v for k, v in self.params.items()
        }


def searched(folds: Sequence[Fold], params: Mapping[str, Any], spec: LearnSpec) -> Found | None:
    """The best of the trials that the budget allows, and of `params`, the complete ones as configured.

    None where the configuration gives it no time. The same seed and number of trials give the same answer; a search
    that its seconds end may differ from machine to machine, so that what it found is written down.
    """
    if not spec.search.seconds:
        return None
    import optuna  # noqa: PLC0415 - a second that only a search need wait

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trials = _Trials(folds, {**params, **UNFILTERED}, spec, time.monotonic())
    configured = trials.loss({})
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=spec.seed), pruner=optuna.pruners.MedianPruner()
    )
    study.optimize(trials.tried, n_trials=spec.search.trials, timeout=trials.left, callbacks=[trials.told])
    done = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    best = min(done, key=lambda t: (t.value, t.number), default=None)
    better = best is not None and best.value is not None and best.value < configured
    return Found(
        params=dict(best.params) if best is not None and better else {},
        loss=float(best.value) if best is not None and best.value is not None and better else configured,
        configured=configured,
        trials=len(study.trials),
        seconds=round(time.monotonic() - trials.began, 1),
    )


@dataclass(slots=True)
class _Trials:
    """The folds, and what was seen on them so far."""

    folds: Sequence[Fold]
    params: Mapping[str, Any]
    spec: LearnSpec
    began: float
    configured: float = field(default=np.nan)

    @property
    def left(self) -> float:
        return max(0.001, self.spec.search.seconds - (time.monotonic() - self.began))

    def loss(self, drawn: Mapping[str, float | int], trial: optuna.Trial | None = None) -> float:
        """The weighted mean loss on the folds; a trial is given up when it falls behind or the time is over."""
        losses: list[float] = []
        for number, fold in enumerate(self.folds):
            losses.append(self._of(fold, drawn))
            mean = float(np.average(losses, weights=[f.weight for f in self.folds[: number + 1]]))
            if trial is not None:
                self._goes_on(trial, mean, number)
        if trial is None:
            self.configured = mean
        return mean

    def tried(self, trial: optuna.Trial) -> float:
        """One trial's loss, of parameters that the study draws."""
        return self.loss({n: _drawn(trial, n, r) for n, r in self.spec.search.space.items()}, trial)

    def told(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """A line for whoever waits."""
        done = [t.value for t in study.trials if t.value is not None and t.state.name == "COMPLETE"]
        logger.info(
            "search: trial %d of %d, %.0f of %.0f s, loss %.5f (%.5f as configured)",
            trial.number + 1,
            self.spec.search.trials,
            time.monotonic() - self.began,
            self.spec.search.seconds,
            min([self.configured, *done]),
            self.configured,
        )

    def _goes_on(self, trial: optuna.Trial, mean: float, number: int) -> None:
        import optuna  # noqa: PLC0415 - see searched

        trial.report(mean, number)
        last = number + 1 == len(self.folds)
        late = time.monotonic() - self.began > self.spec.search.seconds
        if not last and (late or trial.should_prune()):
            raise optuna.TrialPruned

    def _of(self, fold: Fold, drawn: Mapping[str, float | int]) -> float:
        stop = lgb.early_stopping(self.spec.patience, verbose=False)
        params, rounds = {**self.params, **drawn}, self.spec.rounds
        fitted = lgb.train(
            params, fold.train, num_boost_round=rounds, valid_sets=[fold.watch], callbacks=[stop]
        )
        return float(next(iter(fitted.best_score["valid_0"].values())))


def _drawn(trial: optuna.Trial, name: str, within: Range) -> float | int:
    if within.whole:
        return trial.suggest_int(name, int(within.low), int(within.high), log=within.log)
    return trial.suggest_float(name, within.low, within.high, log=within.log)
