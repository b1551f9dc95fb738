"""Which learner to trust: boosted trees, logistic regression or their mixture, by what each says of unseen folds.

With few positive cases the simpler model wins; with many the trees do, and between them a mixture. The folds decide, by
the rule of one standard error (Breiman, Friedman, Olshen and Stone 1984): the simplest mixture that isn't worse than the
best beyond noise. Few cases make much noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from conf.models import LearnSpec
from models.core import linear
from models.core.anchor import Start
from models.core.boosting import Cases, Learnt, Objective, learn
from models.core.calibration import isotonic
from models.core.metrics import Floats
from models.core.scorer import log_odds, mixed, probability

SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the trees in the log-odds that the folds choose among."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Log loss on unseen folds of each share of the trees (1: trees alone, 0: logistic regression alone).

    `noise`: the standard error of its difference from the least loss.
    """

    losses: dict[float, float]
    noise: dict[float, float]

    @property
    def best(self) -> float:
        """The least share of the trees that isn't worse than the best one by more than a standard error."""
        least = min(self.losses.values())
        return min(share for share, loss in self.losses.items() if loss - least <= self.noise[share])


def learn_best(
    cases: Cases,
    fold: npt.NDArray[np.int64],
    *,
    objective: Objective,
    features: Sequence[str],
    categorical: Sequence[str],
    spec: LearnSpec,
    start: Start | None = None,
) -> Learnt:
    """The trees, and for probabilities their rival, weighed by the same folds; calibrated on what no fold trained on."""
    trees = learn(
        cases, fold, objective=objective, features=features, categorical=categorical, spec=spec, start=start
    )
    if objective != "binary" or not spec.rival:
        return trees
    places = [list(features).index(name) for name in categorical]
    strength, unseen = _strongest(cases, fold, places)
    compared = compare(log_odds(trees.unseen), unseen, cases)
    if compared.best == 1:
        return replace(trees, losses=compared.losses)
    said = probability(mixed(log_odds(trees.unseen), unseen, compared.best))
    return replace(
        trees,
        calibration=isotonic(said, cases.y, cases.weight),
        unseen=said,
        linear=linear.fit(cases.x, cases.y, cases.weight, categorical=places, strength=strength),
        boosted=compared.best,
        losses=compared.losses,
    )


def compare(boosted: Floats, lines: Floats, cases: Cases) -> Compared:
    """The losses of SHARES of two sets of log-odds."""
    rows = {share: _row_losses(mixed(boosted, lines, share), cases) for share in SHARES}
    losses = {share: float(np.average(each, weights=cases.weight)) for share, each in rows.items()}
    best = rows[min(losses, key=lambda share: losses[share])]
    return Compared(losses, {share: _error(each - best, cases.weight) for share, each in rows.items()})


def _error(values: Floats, weight: Floats) -> float:
    """Standard error of the weighted mean."""
    off = weight * (values - np.average(values, weights=weight))
    return float(np.sqrt((off**2).sum()) / weight.sum())


def _strongest(cases: Cases, fold: npt.NDArray[np.int64], categorical: Sequence[int]) -> tuple[float, Floats]:
    """The strength with the least loss on unseen folds, and the log-odds that it gives there."""
    tried = _unseen(cases, fold, categorical, sorted(linear.STRENGTHS))
    best = min(tried, key=lambda strength: _loss(tried[strength], cases))
    return best, tried[best]


def _unseen(
    cases: Cases, fold: npt.NDArray[np.int64], categorical: Sequence[int], strengths: Sequence[float]
) -> dict[float, Floats]:
    """Log-odds of every case by the other folds, for each strength; the columns of a fold are made once for all."""
    said = {strength: np.empty(len(cases)) for strength in strengths}
    for number in np.unique(fold):
        out = fold == number
        train = cases.where(~out)
        parts = linear.parts_of(train.x, categorical)
        fitted = linear.fits(linear.design(train.x, parts), parts, train.y, train.weight, strengths)
        columns = linear.design(cases.x[out], parts)
        for strength, one in zip(strengths, fitted, strict=True):
            said[strength][out] = one.margin_of(columns)
    return said


def _loss(margin: Floats, cases: Cases) -> float:
    """Weighted mean log loss, in nats."""
    return float(np.average(_row_losses(margin, cases), weights=cases.weight))


def _row_losses(margin: Floats, cases: Cases) -> Floats:
    each: Floats = np.logaddexp(0, -np.where(cases.y > 0, margin, -margin))
    return each
