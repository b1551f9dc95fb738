"""Learners of the treatment's effect on each customer, and of the outcome itself.

S: one model with the treatment as a feature. T: one of each arm. X: each arm's outcomes less what the other arm's model
foretells, learnt in turn (Künzel, Sekhon, Bickel and Yu 2019). Each takes x rows × features, treatment and outcome, and gives
a function from rows to effects in the outcome's unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np

from models.core import linear
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.uplift.fitted import Changed, Difference, Lines, Said, Trees, Weighed

Effects = Said
SHARE_IN_LEAF: Final = 0.01
"""Of the rows, at least, in a leaf: effects are small beside the noise."""


@dataclass(frozen=True, slots=True)
class Base:
    """How the parts learn. `binary`: outcomes are 0 and 1. `categorical`: places of text features."""

    binary: bool
    categorical: tuple[int, ...]
    seed: int = 7
    rounds: int = 80
    leaves: int = 6
    rate: float = 0.05
    strength: float = 0.03

    def trees(
        self, x: Matrix, y: Floats, *, binary: bool | None = None, text: Sequence[int] | None = None
    ) -> Trees:
        """Boosted trees of the outcome, or of any number where `binary` is False."""
        is_binary = self.binary if binary is None else binary
        given: dict[str, Any] = {
            "objective": "binary" if is_binary else "regression",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": max(20, int(len(y) * SHARE_IN_LEAF)),
            "lambda_l2": 5.0,
            "seed": self.seed,
            "num_threads": 1,
            "deterministic": True,
            "verbosity": -1,
        }
        data = lgb.Dataset(x, y, categorical_feature=list(self.categorical if text is None else text))
        return Trees(lgb.train(given, data, num_boost_round=self.rounds).model_to_string())

    def lines(self, x: Matrix, y: Floats) -> Effects:
        """A logistic regression of outcomes of 0 and 1; of others a ridge regression on the same columns."""
        if self.binary:
            even = np.ones(len(y))
            return Lines(linear.fit(x, y, even, categorical=self.categorical, strength=self.strength))
        from sklearn.linear_model import Ridge  # noqa: PLC0415 - only for outcomes that are numbers

        parts = linear.parts_of(x, self.categorical)
        ridge = Ridge(alpha=1 / self.strength).fit(linear.design(x, parts), y)
        return lambda rows: np.asarray(ridge.predict(linear.design(rows, parts)), dtype=np.float64)


Learner = Callable[[Matrix, Floats, Floats, Base], Effects]


def s_learner(x: Matrix, t: Floats, y: Floats, base: Base) -> Effects:
    """One model of outcome on features and treatment; the effect is what changing the treatment changes."""
    return Changed(base.trees(np.column_stack([x, t]), y))


def t_learner(x: Matrix, t: Floats, y: Floats, base: Base) -> Effects:
    """A regression of each arm; the effect is their difference."""
    treated, untreated = (base.lines(x[t == v], y[t == v]) for v in (1.0, 0.0))
    return Difference(treated, untreated)


def x_learner(x: Matrix, t: Floats, y: Floats, base: Base) -> Effects:
    """Trees of each arm, then trees of what they leave unexplained in the other, weighed by the share treated."""
    on, off, share = t == 1, t == 0, float(t.mean())
    treated, untreated = base.trees(x[on], y[on]), base.trees(x[off], y[off])
    gained = base.trees(x[on], y[on] - untreated(x[on]), binary=False)
    missed = base.trees(x[off], treated(x[off]) - y[off], binary=False)
    return Weighed(missed, gained, share)


def response(x: Matrix, t: Floats, y: Floats, base: Base) -> Effects:
    """The outcome of the treated: what a campaign without hold-out would rank by. A rival, no effect."""
    return base.trees(x[t == 1], y[t == 1])


LEARNERS: Final[dict[str, Learner]] = {"s": s_learner, "t": t_learner, "x": x_learner}
