"""Pairs across two sources that all but one column makes likely: they tell how the sources' ways of saying that column differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from conf.linkage import ColumnConf

Pairs = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LIKELY_BITS: Final = 0.0
"""What else a pair must weigh: members of a household that are taken for one are older as often as younger."""
WORDED: Final = frozenset({"number", "category", "country", "region", "sex"})
"""What each source may say in words or units of its own: that two such columns differ says nothing before these are known."""


def largest(source: Codes, values: pd.DataFrame) -> int:
    """The source with most records; of several the one that says most, so that the order of the rows doesn't matter."""
    size = np.bincount(source).astype(float)
    filled = np.bincount(source, values.notna().sum(axis=1))
    return int(np.lexsort((filled, size))[-1])


def crossed(
    place: int, columns: Mapping[str, ColumnConf], source: Codes, pairs: Pairs, scored: pa.Table, chief: int
) -> Iterator[tuple[int, Codes, Codes]]:
    """For each source but `chief` its number, and its records and chief's in the pairs between both that all but the column at
    `place` makes likely (`scored`: models.linkage.scoring), each the best of both its records.
    """
    rest = _rest(place, columns, scored)
    kept = rest >= LIKELY_BITS
    likely, rest = pairs[kept], rest[kept]
    left, right = likely.T
    for other in range(int(source.max(initial=-1)) + 1):
        ahead, behind = (
            (source[a] == other) & (source[b] == chief) for a, b in ((left, right), (right, left))
        )
        if other == chief or not (ahead | behind).any():
            continue
        best = _best(likely, rest, ahead | behind)
        yield other, np.where(ahead, left, right)[best], np.where(ahead, right, left)[best]


def _rest(place: int, columns: Mapping[str, ColumnConf], scored: pa.Table) -> Floats:
    """What each pair weighs but for the column, and for what other such columns say against it."""
    bits = {
        i: np.nan_to_num(scored[f"bits_{i}"].to_numpy())
        for i, c in enumerate(columns.values())
        if c.meaning in WORDED
    }
    against = [np.minimum(held, 0) for i, held in bits.items() if i != place]
    return np.asarray(scored["weight"].to_numpy() - bits[place] - np.sum(against, axis=0), float)


def _best(likely: Pairs, rest: Floats, between: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which of the pairs between two sources are the best of both their records: members of a household are behind."""
    most = np.full(int(likely.max()) + 1, -np.inf)
    for side in (0, 1):
        np.maximum.at(most, likely[between, side], rest[between])
    return between & (rest >= most[likely[:, 0]]) & (rest >= most[likely[:, 1]])
