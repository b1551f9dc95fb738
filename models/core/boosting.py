"""LightGBM, learnt the same way by every model: rounds and calibration from folds by customer, then one fit of all.

Deterministic for a given seed, rows and thread count; the booster is LightGBM's own text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from conf.models import LearnSpec
from models.core.anchor import Anchor, Start, anchored
from models.core.calibration import Calibration, isotonic
from models.core.encoding import Matrix
from models.core.linear import Linear
from models.core.metrics import Floats
from models.core.scorer import Scorer
from models.core.search import UNFILTERED, Fold, Found, searched
from models.core.survival import Periods, scorer_of

Objective = Literal["binary", "regression", "log_value"]
"""binary: a probability. regression: a value, squared error. log_value: squared error on asinh(value), which orders
heavy-tailed values better; the raw output is then on that scale, and calibration brings it back, totals included."""
METRICS: Final = {"binary": "binary_logloss", "regression": "l2", "log_value": "l2"}
DEFAULTS: Final[dict[str, Any]] = {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "cat_smooth": 20.0,
}


@dataclass(frozen=True, slots=True)
class Cases:
    """Training rows: x rows × features, y outcomes, weight of each row, customers the id of each row's customer."""

    x: Matrix
    y: Floats
    weight: Floats
    customers: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.y)

    def where(self, rows: npt.NDArray[np.bool_]) -> Cases:
        """The rows that the mask names."""
        return Cases(self.x[rows], self.y[rows], self.weight[rows], self.customers[rows])


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fitted booster with the calibration and the number of rounds that its folds gave.

    `unseen`: the raw output of each training row by a fold that didn't train on it. `linear` and `boosted`: see
    `Scorer`. `losses`: log loss on unseen folds by the trees' share, where a rival was weighed. `periods`: where it is
    a hazard, whose booster takes the period as a last feature. `found`: the search for its parameters, if there was one.
    `anchor`: what the trees are added to.
    """

    booster: str
    calibration: Calibration
    rounds: int
    unseen: Floats = field(compare=False)
    linear: Linear | None = None
    boosted: float = 1.0
    losses: Mapping[float, float] = field(default_factory=dict)
    periods: Periods | None = None
    found: Found | None = None
    anchor: Anchor | None = None

    @property
    def scorer(self) -> Scorer:
        """What it says of a row."""
        return scorer_of(Scorer(self.booster, self.linear, self.boosted, self.anchor), self.periods)


def learn(
    cases: Cases,
    fold: npt.NDArray[np.int64],
    *,
    objective: Objective,
    features: Sequence[str],
    categorical: Sequence[str],
    spec: LearnSpec,
    start: Start | None = None,
) -> Learnt:
    """Each fold stops early on customers it hasn't seen; their raw outputs, joined, calibrate the final fit.

    `start`: of a log_value, where its trees begin (models.core.anchor).
    """
    params, target, anchor = parameters(objective, spec), cases, None
    if objective == "log_value":
        target = replace(cases, y=np.arcsinh(cases.y))
        anchor = anchored(start, features, target.x, target.y, target.weight)
    numbers = np.unique(fold)
    folds = [_fold(target, fold == number, features, categorical, anchor) for number in numbers]
    found = searched(folds, params, spec)
    params = {**params, **UNFILTERED, **found.params} if found else params
    unseen = np.full(len(cases), np.nan)
    rounds: list[int] = []
    for number, each in zip(numbers, folds, strict=True):
        fitted = _watched(each, params, spec)
        unseen[fold == number] = fitted.predict(cases.x[fold == number])
        rounds.append(fitted.best_iteration or spec.rounds)
    chosen = max(1, round(float(np.mean(rounds))))
    final = lgb.train(params, _dataset(target, features, categorical, anchor), num_boost_round=chosen)
    unseen = unseen if anchor is None else unseen + anchor.raw(cases.x)
    calibration = isotonic(unseen, cases.y, cases.weight)
    return Learnt(final.model_to_string(), calibration, chosen, unseen, found=found, anchor=anchor)


def _fold(
    cases: Cases,
    out: npt.NDArray[np.bool_],
    features: Sequence[str],
    categorical: Sequence[str],
    anchor: Anchor | None,
) -> Fold:
    train, unseen = _dataset(cases.where(~out), features, categorical, anchor), cases.where(out)
    watch = train.create_valid(unseen.x, unseen.y, weight=unseen.weight, init_score=_begin(unseen, anchor))
    return Fold(train, watch, float(unseen.weight.sum()))


def _watched(fold: Fold, params: dict[str, Any], spec: LearnSpec) -> lgb.Booster:
    stop = lgb.early_stopping(spec.patience, verbose=False)
    return lgb.train(
        params, fold.train, num_boost_round=spec.rounds, valid_sets=[fold.watch], callbacks=[stop]
    )


def predict(booster: str, x: Matrix, threads: int = 1) -> Floats:
    """The booster's raw output: a probability, or a value in the label's unit."""
    if not len(x):
        return np.empty(0)
    raw: Floats = np.asarray(lgb.Booster(model_str=booster).predict(x, num_threads=threads), dtype=np.float64)
    return raw


def parameters(objective: Objective, spec: LearnSpec) -> dict[str, Any]:
    """LightGBM's parameters: ours, the configuration's over them, and those that keep it deterministic."""
    fixed = {
        "objective": "binary" if objective == "binary" else "regression",
        "metric": METRICS[objective],
        "num_threads": spec.threads,
        "seed": spec.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    return {**DEFAULTS, **spec.params, **fixed}


def _begin(cases: Cases, anchor: Anchor | None) -> Floats | None:
    return None if anchor is None else anchor.raw(cases.x)


def _dataset(
    cases: Cases, features: Sequence[str], categorical: Sequence[str], anchor: Anchor | None
) -> lgb.Dataset:
    names, text = list(features), list(categorical)
    return lgb.Dataset(
        cases.x,
        cases.y,
        weight=cases.weight,
        init_score=_begin(cases, anchor),
        feature_name=names,
        categorical_feature=text,
    )
