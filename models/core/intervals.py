"""Prediction intervals of a value: where cases of a similar forecast ended up (split conformal).

Mondrian conformal prediction (Vovk et al. 2005; Lei et al. 2018): within groups of similar forecasts the residuals of
cases that the model didn't train on are ordered, and the k-th smallest and largest bound the interval, k = ⌊(n + 1) α/2⌋.
Residuals are taken in asinh, so that a small value and a large one each have an interval of their own size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.core.champions import Champion
from models.core.metrics import NAN, Floats

GROUPS: Final = 20
LEAST: Final = 60
"""Cases in a group; with fewer of them there are fewer groups."""
RECORD: Final = "band"
"""The name in a champion's extra."""


@dataclass(frozen=True, slots=True)
class Band:
    """Offsets in asinh, low and high, by asinh of the forecast: piecewise linear, outside of it the ends hold.

    `share` of cases are to lie within.
    """

    at: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    share: float

    def around(self, expected: Floats) -> tuple[Floats, Floats]:
        """The lower and upper bound of each forecast, in its unit; the forecast itself lies within them."""
        place = np.arcsinh(expected)
        low = np.sinh(place + np.interp(place, self.at, self.low))
        high = np.sinh(place + np.interp(place, self.at, self.high))
        return np.minimum(low, expected), np.maximum(high, expected)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Band:
        """The record of what `dataclasses.asdict` made."""
        return cls(tuple(raw["at"]), tuple(raw["low"]), tuple(raw["high"]), float(raw["share"]))


def band(expected: Floats, y: Floats, share: float) -> Band:
    """The band of these cases, none of which may have trained what foretold them.

    Neighbouring groups of equal size by forecast; too few cases make one group.
    """
    place = np.arcsinh(expected)
    off = np.arcsinh(y) - place
    number = int(np.clip(len(y) // LEAST, 1, GROUPS))
    parts = np.array_split(np.argsort(place, kind="stable"), number)
    ends = [_ends(off[p], share) for p in parts]
    at = [float(place[p].mean()) for p in parts]
    return Band(tuple(at), tuple(low for low, _ in ends), tuple(high for _, high in ends), share)


def band_of(champion: Champion) -> Band | None:
    """The champion's band; None where it foretells no value."""
    told = champion.extra.get(RECORD)
    return None if told is None else Band.from_json(told)


def coverage(y: Floats, low: Floats, high: Floats) -> float:
    """The share of cases that lie within their interval."""
    return float(((y >= low) & (y <= high)).mean()) if len(y) else NAN


def _ends(off: Floats, share: float) -> tuple[float, float]:
    """The residuals that bound the share, with the correction for few cases."""
    ordered, tail = np.sort(off), (1 - share) / 2
    rank = max(1, int(np.floor((len(off) + 1) * tail)))
    return float(ordered[rank - 1]), float(ordered[-rank])
