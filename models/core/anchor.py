"""Where the trees of a value begin: part of what a feature foretells by itself.

A leaf says the mean of what it has seen, so trees alone never say more than that: the few customers who bring most of a bank's
total are told too little. An amount that is known beforehand reaches further, up to the largest that calibration saw, and the trees learn the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from models.core.encoding import Matrix
from models.core.metrics import Floats

SHARE: Final = 0.5
"""All of it errs least in squares, none of it orders best of the two; half orders as well as none and errs nearly as little."""


@dataclass(frozen=True, slots=True)
class Start:
    """A model's declaration: the feature, and what it is to be multiplied by to foretell the outcome."""

    feature: str
    times: float

    @property
    def sql(self) -> str:
        """What is foretold, as SQL over features."""
        return f"{self.feature} * {self.times:g}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """level + share · asinh(times · feature); a missing feature counts as 0. `place`: the feature's column.

    `mean`: of the feature's part in training, from which its contributions are counted.
    """

    place: int
    times: float
    level: float
    mean: float
    share: float = SHARE

    def raw(self, x: Matrix) -> Floats:
        """What the trees' output is added to, for each row, on the scale of asinh."""
        return self.level + self._part(x)

    def contributions(self, x: Matrix, of_trees: Matrix) -> Matrix:
        """Rows × features: the trees' parts, and the anchor's with those of its feature."""
        whole = of_trees.copy()
        whole[:, self.place] += self._part(x) - self.mean
        return whole

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Anchor:
        """The record of what `dataclasses.asdict` made."""
        return cls(int(raw["place"]), *(float(raw[n]) for n in ("times", "level", "mean", "share")))

    def _part(self, x: Matrix) -> Floats:
        part: Floats = self.share * np.arcsinh(self.times * np.nan_to_num(x[:, self.place]))
        return part


def anchored(
    start: Start | None, features: Sequence[str], x: Matrix, target: Floats, weight: Floats
) -> Anchor | None:
    """The anchor that training rows give, `target` on the scale of asinh; None where the feature doesn't train."""
    if start is None or start.feature not in features:
        return None
    bare = Anchor(list(features).index(start.feature), start.times, level=0.0, mean=0.0)
    part = bare.raw(x)
    level, mean = (float(np.average(each, weights=weight)) for each in (target - part, part))
    return replace(bare, level=level, mean=mean)
