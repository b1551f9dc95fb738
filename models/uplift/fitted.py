"""Fitted learners as plain data: what training writes down and a worker applies, without anything that learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from models.core.encoding import Matrix
from models.core.lightly import booster
from models.core.linear import Linear
from models.core.metrics import Floats
from models.core.scorer import probability

Said = Callable[[Matrix], Floats]
"""One number for each row of features."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees, as LightGBM's own text."""

    text: str

    def __call__(self, x: Matrix) -> Floats:
        """A probability, or a number in the unit learnt."""
        if not len(x):
            return np.empty(0)
        return np.asarray(booster(self.text).predict(x, num_threads=1), dtype=np.float64)

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each one's part (SHAP, Lundberg et al. 2018)."""
        told = booster(self.text).predict(x, pred_contrib=True, num_threads=1)
        return np.asarray(told, dtype=np.float64)[:, :-1]


@dataclass(frozen=True, slots=True)
class Lines:
    """A logistic regression of outcomes of 0 and 1."""

    linear: Linear

    def __call__(self, x: Matrix) -> Floats:
        """A probability."""
        return probability(self.linear.margin(x))


@dataclass(frozen=True, slots=True)
class Changed:
    """S: what changing the treatment, the last feature, changes."""

    said: Said

    def __call__(self, x: Matrix) -> Floats:
        """The effect on each row."""
        with_, without = (np.column_stack([x, np.full(len(x), v)]) for v in (1.0, 0.0))
        return self.said(with_) - self.said(without)


@dataclass(frozen=True, slots=True)
class Difference:
    """T: the treated's outcome less the untreated's."""

    treated: Said
    untreated: Said

    def __call__(self, x: Matrix) -> Floats:
        """The effect on each row."""
        return self.treated(x) - self.untreated(x)


@dataclass(frozen=True, slots=True)
class Weighed:
    """X: what the untreated missed and what the treated gained, weighed by the share treated."""

    missed: Trees
    gained: Trees
    share: float

    def __call__(self, x: Matrix) -> Floats:
        """The effect on each row."""
        return self.share * self.missed(x) + (1 - self.share) * self.gained(x)

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each one's part in the effect, in its unit; parts add up to it but for a constant."""
        return self.share * self.missed.contributions(x) + (1 - self.share) * self.gained.contributions(x)


Fitted = Mapping[str, Said]
"""Learner → the effect that it foretells."""
S, T, X = "s", "t", "x"
NAMES: Final = (S, T, X)


def to_json(fitted: Fitted) -> dict[str, Any]:
    """Plain JSON. Raises TypeError for learners of outcomes that aren't 0 and 1."""
    s, t, x = (fitted[name] for name in NAMES)
    if not (isinstance(s, Changed) and isinstance(t, Difference) and isinstance(x, Weighed)):
        raise TypeError("only the three learners can be written down")
    if not (isinstance(s.said, Trees) and isinstance(t.treated, Lines) and isinstance(t.untreated, Lines)):
        raise TypeError("only learners of outcomes of 0 and 1 can be written down")
    return {
        S: s.said.text,
        T: [asdict(t.treated.linear), asdict(t.untreated.linear)],
        X: [x.missed.text, x.gained.text, x.share],
    }


def from_json(raw: Mapping[str, Any]) -> dict[str, Said]:
    """What `to_json` made of them."""
    treated, untreated = (Lines(Linear.from_json(part)) for part in raw[T])
    missed, gained, share = raw[X]
    return {
        S: Changed(Trees(raw[S])),
        T: Difference(treated, untreated),
        X: Weighed(Trees(missed), Trees(gained), float(share)),
    }
