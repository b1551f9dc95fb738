"""How sure a figure is: percentile intervals by resampling rows, or whole groups of rows, with replacement.

Efron and Tibshirani 1993. Paired: two scores are compared on the same resampled rows, so that what is easy or hard for
both cancels out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.core.metrics import NAN

DRAWS: Final = 200
CONFIDENCE: Final = 0.95
Rows = npt.NDArray[np.int64]
Measures = Callable[[Rows, Rows], Sequence[float]]
"""Figures of a resample: the numbers of its rows, and for each the number of the draw that brought it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure of all rows, and where it lies in the stated share of resamples; nan where it isn't defined."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """As in a report."""
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def intervals(
    measures: Measures,
    size: int,
    *,
    group: npt.NDArray[Any] | None = None,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
    seed: int = 7,
) -> list[Interval]:
    """Figures of the same resamples, in the order that `measures` gives them.

    `group`: rows of one group (a customer's) are drawn together.
    """
    whole = measures(np.arange(size), np.zeros(size, dtype=np.int64))
    drawn = np.array([measures(*rows) for rows in resamples(size, group, draws, seed)]).reshape(
        -1, len(whole)
    )
    tail = (1 - confidence) / 2
    return [Interval(float(value), *_ends(drawn[:, i], tail)) for i, value in enumerate(whole)]


def resamples(
    size: int, group: npt.NDArray[Any] | None, draws: int, seed: int
) -> Iterator[tuple[Rows, Rows]]:
    """(rows, draws that brought them) of each resample; with groups as many groups are drawn as there are."""
    rng = np.random.default_rng(seed)
    if group is None:
        for _ in range(draws):
            yield rng.integers(0, size, size), np.arange(size)
        return
    _, code = np.unique(group, return_inverse=True)
    sizes = np.bincount(code)
    by_group, first = np.argsort(code, kind="stable"), np.cumsum(sizes) - sizes
    for _ in range(draws):
        taken = rng.integers(0, len(sizes), len(sizes))
        drawn = np.repeat(np.arange(len(taken)), sizes[taken])
        within = np.arange(len(drawn)) - (np.cumsum(sizes[taken]) - sizes[taken])[drawn]
        yield by_group[first[taken][drawn] + within], drawn


def _ends(drawn: npt.NDArray[np.float64], tail: float) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return NAN, NAN
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
