"""How far off a forecast may be: from how far off those of earlier days of the same log were, or else by drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.btyd.bgnbd import BgNbd, History
from models.btyd.gamma_gamma import GammaGamma

Floats = npt.NDArray[np.float64]
COVERED: Final = 0.9
FEWEST: Final = 60
"""Customers of an earlier day from whom one step of the interval is taken."""
STEPS: Final = 30
DRAWS: Final = 400


@dataclass(frozen=True)
class Errors:
    """Ends of the interval as multiples of the forecast, by the forecast's size (split conformal, in groups)."""

    size: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, value: Floats, spent: Floats) -> Errors | None:
        """From forecasts of earlier days and what was spent then; None where they are too few."""
        order = np.argsort(value, kind="stable")
        steps = min(STEPS, len(value) // FEWEST)
        if steps < 2 or spent.sum() <= 0:
            return None
        groups = np.array_split(order, steps)
        size = np.array([max(float(value[g].mean()), 1e-9) for g in groups])
        ends = [_ends(spent[g]) for g in groups]
        low, high = (np.array([end[k] for end in ends]) / size for k in (0, 1))
        return cls(size, low, high)

    def around(self, value: Floats) -> tuple[Floats, Floats]:
        """The interval of each forecast, which always lies within its own."""
        size, known = np.log(np.maximum(value, 1e-9)), np.log(self.size)
        low = value * np.interp(size, known, self.low)
        high = value * np.interp(size, known, self.high)
        return np.minimum(low, value), np.maximum(high, value)


def _ends(spent: Floats) -> tuple[float, float]:
    """The middle 90 %; where more than a twentieth spend nothing, from nothing up to what nine in ten stay under."""
    outside = (1 - COVERED) / 2
    above = COVERED + outside if (spent <= 0).mean() < outside else COVERED + outside / 2
    low, high = np.quantile(spent, [outside, above])
    return float(low), float(high)


def drawn(
    h: History,
    n: Floats,
    mean: Floats,
    weeks: float,
    value: Floats,
    models: tuple[BgNbd, GammaGamma],
    seed: int,
) -> tuple[Floats, Floats]:
    """The middle 90 % of DRAWS futures drawn from the fitted models, moved to `value` as their mean."""
    low, high = np.empty(len(n)), np.empty(len(n))
    bought_by, worth = models
    for start in range(0, len(n), 20_000):
        part = slice(start, start + 20_000)
        some = History(h.x[part], h.t_x[part], h.T[part])
        bought = bought_by.drawn(some, weeks, DRAWS, seed + start)
        money = worth.drawn(n[part], mean[part], bought, seed + start + 1)
        scale = value[part] / np.maximum(money.mean(axis=1), 1e-9)
        ends = np.quantile(money, [(1 - COVERED) / 2, (1 + COVERED) / 2], axis=1) * scale
        low[part], high[part] = np.minimum(ends[0], value[part]), np.maximum(ends[1], value[part])
    return low, high
