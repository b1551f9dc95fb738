"""The effect model of one goal as a frozen record: all that scoring needs, as plain JSON inside the champion's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.uplift.fitted import Fitted, Weighed, X, from_json, to_json
from models.uplift.scale import scaled

GOALS: Final = "goals"
"""The key in a champion's `extra`: goal → record."""
TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Goal:
    """`learners` of features in their order; `scale` brings their mean to what the trials bear out; `quantiles` of the effect
    among the customers that judged (0, 1/n … 1). `passed`: whether the gate let it score. `as_of`: when it was trained.
    """

    features: tuple[str, ...]
    learners: Fitted
    scale: tuple[float, float]
    quantiles: tuple[float, ...]
    passed: bool
    as_of: str

    def effects(self, x: Matrix) -> dict[str, Floats]:
        """By learner the effect on each row, in the outcome's unit (1: a response)."""
        return {name: learner(x) for name, learner in self.learners.items()}

    def effect(self, each: Mapping[str, Floats]) -> Floats:
        """The effect that is given out: the learners' mean, brought to scale."""
        return scaled(np.mean(list(each.values()), axis=0), self.scale)

    def percentile(self, effect: Floats) -> Floats:
        """Where each effect stands among the customers that judged, 0 … 1."""
        places = np.searchsorted(self.quantiles, effect, side="right") - 1
        share: Floats = np.clip(places, 0, None) / max(1, len(self.quantiles) - 1)
        return share

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each one's part in the effect by the X-learner, whose trees are in the effect's own unit."""
        learner = self.learners[X]
        assert isinstance(learner, Weighed)
        return self.scale[1] * learner.contributions(x)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "features": list(self.features),
            "learners": to_json(self.learners),
            "scale": list(self.scale),
            "quantiles": list(self.quantiles),
            "passed": self.passed,
            "as_of": self.as_of,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Goal:
        """What `to_json` made of it."""
        return cls(
            tuple(raw["features"]),
            from_json(raw["learners"]),
            (float(raw["scale"][0]), float(raw["scale"][1])),
            tuple(raw["quantiles"]),
            bool(raw["passed"]),
            str(raw["as_of"]),
        )


def goals_of(champion: Champion | None) -> dict[str, Goal]:
    """The goals that the gate let score, by name; none without a champion."""
    told = {} if champion is None else champion.extra[GOALS]
    return {name: Goal.from_json(raw) for name, raw in sorted(told.items()) if raw["passed"]}


def tenth(percentile: Floats) -> np.ndarray:
    """1 for the most moved tenth of the customers that judged … 10 for the least."""
    return np.clip(np.ceil((1 - percentile) * TENTHS), 1, TENTHS).astype(np.int32)
