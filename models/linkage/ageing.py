"""Numbers that move on from one source to the next: everybody is ten years older in a census ten years later.

Taken as they are, ages of two registers never agree. By how much they have moved on is told by the pairs across two sources
that all else makes likely: where their numbers differ by one amount more often than by none, by more than chance allows, the
source's numbers are set back by it.
"""

from __future__ import annotations

from collections.abc import Mapping
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
FEWEST: Final = 30
"""With fewer such pairs between two sources nothing is told."""
FURTHEST: Final = 100
NEAR: Final = 1
"""What is asked or rounded wrongly is as far off."""
LEAST: Final = 0.3
"""Share of these pairs that differ by about the amount, at least."""
DEVIATIONS: Final = 3.0


def set_back(
    values: pd.DataFrame, columns: Mapping[str, ColumnConf], source: Codes, pairs: Pairs, scored: pa.Table
) -> pd.DataFrame:
    """`values` (models.linkage.normalising) with the numbers of each source as those of the largest; as they are where none
    has moved on. `scored` (models.linkage.scoring): what is known of `pairs` so far.
    """
    chief = _largest(source, values)
    for place, (name, column) in enumerate(columns.items()):
        if column.meaning != "number":
            continue
        told = pd.to_numeric(values[name], errors="coerce").to_numpy(float)
        rest = scored["weight"].to_numpy() - scored[f"bits_{place}"].to_numpy()
        on = _moved_on(told, source, pairs[rest >= LIKELY_BITS], rest[rest >= LIKELY_BITS], chief)
        if on.any():
            back = pd.Series(told - on[source], values.index).map("{:.10g}".format)
            values = values.assign(**{name: values[name].where((on[source] == 0) | np.isnan(told), back)})
    return values


def _largest(source: Codes, values: pd.DataFrame) -> int:
    """The source with most records; of several the one that says most, so that the order of the rows doesn't matter."""
    size = np.bincount(source).astype(float)
    filled = np.bincount(source, values.notna().sum(axis=1))
    return int(np.lexsort((filled, size))[-1])


def _moved_on(told: Floats, source: Codes, likely: Pairs, rest: Floats, chief: int) -> Floats:
    """By how much the numbers `told` of each source are above those of `chief`."""
    on = np.zeros(int(source.max()) + 1)
    left, right = likely.T
    for other in range(len(on)):
        ahead, behind = (
            (source[left] == other) & (source[right] == chief),
            (source[right] == other) & (source[left] == chief),
        )
        if other == chief or not (ahead | behind).any():
            continue
        best = _best(likely, rest, ahead | behind)
        apart = np.where(ahead, 1, -1)[best] * (told[left] - told[right])[best]
        on[other] = _usual(apart[~np.isnan(apart)])
    return on


def _best(likely: Pairs, rest: Floats, between: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which of the pairs between two sources are the best of both their records: members of a household are behind."""
    most = np.full(int(likely.max()) + 1, -np.inf)
    for side in (0, 1):
        np.maximum.at(most, likely[between, side], rest[between])
    return between & (rest >= most[likely[:, 0]]) & (rest >= most[likely[:, 1]])


def _usual(apart: Floats) -> float:
    """The whole number by which most differ; 0 where that is no more than chance."""
    if len(apart) < FEWEST:
        return 0.0
    places = np.clip(np.rint(apart), -FURTHEST, FURTHEST).astype(np.int64) + FURTHEST
    count = np.bincount(places, minlength=2 * FURTHEST + 1)
    mode = int(count.argmax())
    about = count[max(mode - NEAR, 0) : mode + NEAR + 1].sum()
    none = count[FURTHEST]
    surely = count[mode] - none > DEVIATIONS * np.sqrt(count[mode] + none)
    return float(mode - FURTHEST) if surely and about >= LEAST * len(apart) else 0.0
