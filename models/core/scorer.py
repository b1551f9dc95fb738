"""What a fitted model says of a row: boosted trees, a logistic regression, or a mixture of both in log-odds.

Log-odds add up, so the mixture's reasons are the mixture of its parts' reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.core.anchor import Anchor
from models.core.encoding import Matrix
from models.core.lightly import booster
from models.core.linear import Linear
from models.core.metrics import Floats

if TYPE_CHECKING:
    import lightgbm as lgb


@dataclass(frozen=True, slots=True)
class Scorer:
    """`trees` is LightGBM's own text and has the share `boosted` (0 … 1) of the log-odds, `linear` the rest.

    `anchor`: of a value, what the trees' output is added to.
    """

    trees: str
    linear: Linear | None = None
    boosted: float = 1.0
    anchor: Anchor | None = None

    def raw(self, x: Matrix, threads: int = 1) -> Floats:
        """The uncalibrated output of each row: a probability, or a value in the objective's unit."""
        if not len(x):
            return np.empty(0)
        if self.linear is None or self.boosted >= 1:
            said = _said(booster(self.trees), x, threads)
            return said if self.anchor is None else said + self.anchor.raw(x)
        return probability(mixed(self._margin(x, threads), self.linear.margin(x), self.boosted))

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each feature's part in the margin (SHAP of the trees, Lundberg et al. 2018)."""
        if self.linear is None or self.boosted >= 1:
            of_trees = _shap(booster(self.trees), x)
            return of_trees if self.anchor is None else self.anchor.contributions(x, of_trees)
        lines = self.linear.contributions(x)
        return mixed(_shap(booster(self.trees), x), lines, self.boosted) if self.boosted > 0 else lines

    def _margin(self, x: Matrix, threads: int) -> Floats:
        if self.boosted <= 0:
            return np.zeros(len(x))
        trees = booster(self.trees)
        return np.asarray(trees.predict(x, raw_score=True, num_threads=threads), dtype=np.float64)


def mixed(boosted: Floats, linear: Floats, share: float) -> Floats:
    """Log-odds, or parts of them, of which the trees have `share`."""
    return share * boosted + (1 - share) * linear


def probability(margin: Floats) -> Floats:
    """The probability of log-odds, without overflow."""
    said: Floats = 0.5 * (1 + np.tanh(margin / 2))
    return said


def log_odds(chance: Floats) -> Floats:
    """The log-odds of probabilities, which are kept within 1e-12 of 0 and 1."""
    kept = np.clip(chance, 1e-12, 1 - 1e-12)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def _said(trees: lgb.Booster, x: Matrix, threads: int) -> Floats:
    return np.asarray(trees.predict(x, num_threads=threads), dtype=np.float64)


def _shap(trees: lgb.Booster, x: Matrix) -> Matrix:
    if not len(x):
        return np.empty(x.shape)
    return np.asarray(trees.predict(x, pred_contrib=True, num_threads=1), dtype=np.float64)[:, :-1]
