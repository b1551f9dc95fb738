"""Numbers that sources tell otherwise: everybody is ten years older in a census ten years later, and pounds are no kilograms.

Taken as they are, ages or weights of two such sources never agree. By how much they have moved on, or how often the one unit goes
into the other, is told by the pairs across two sources that all else makes likely: where their numbers differ by one amount, or
else by one factor, more often than by none, by more than chance allows, the source's numbers are set back by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.crossing import crossed, largest

Pairs = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FEWEST: Final = 30
"""With fewer such pairs between two sources nothing is told."""
FURTHEST: Final = 100
NEAR: Final = 1
"""What is asked or rounded wrongly is as far off."""
NEARLY: Final = 0.02
"""The same of two units, as a share."""
OTHER_UNIT: Final = 0.1
"""A factor that is nearer to one is no other unit: prices are a little higher elsewhere."""
LEAST: Final = 0.3
"""Share of these pairs that differ by about the amount, at least."""
DEVIATIONS: Final = 3.0


def set_back(
    values: pd.DataFrame, columns: Mapping[str, ColumnConf], source: Codes, pairs: Pairs, scored: pa.Table
) -> pd.DataFrame:
    """`values` (models.linkage.normalising) with the numbers of each source as those of the largest; as they are where none
    has moved on. `scored` (models.linkage.scoring): what is known of `pairs` so far.
    """
    chief = largest(source, values)
    for place, (name, column) in enumerate(columns.items()):
        if column.meaning != "number":
            continue
        told = pd.to_numeric(values[name], errors="coerce").to_numpy(float)
        back = told.copy()
        for other, theirs, chiefs in crossed(place, columns, source, pairs, scored, chief):
            back = np.where(source == other, _as_chief(told, told[theirs], told[chiefs]), back)
        moved = (back != told) & ~np.isnan(told)
        if moved.any():
            values = values.assign(
                **{name: values[name].mask(moved, pd.Series(back, values.index).map("{:.10g}".format))}
            )
    return values


def _as_chief(told: Floats, theirs: Floats, chiefs: Floats) -> Floats:
    """`told` less the amount, or by the factor, by which the one side's numbers mostly differ from the other's."""
    known = ~np.isnan(theirs) & ~np.isnan(chiefs)
    theirs, chiefs = theirs[known], chiefs[known]
    if len(theirs) < FEWEST:
        return told
    amount = _amount(theirs - chiefs)
    factor = 1.0 if amount else _factor(theirs, chiefs)
    if factor == 1:
        return told - amount
    whole = bool((chiefs % 1 == 0).all())
    return np.rint(told / factor) if whole else told / factor


def _amount(apart: Floats) -> float:
    """The whole number by which most differ; 0 where that is no more than chance."""
    near = np.rint(apart[np.abs(apart) <= FURTHEST]).astype(np.int64) + FURTHEST
    count = np.bincount(near, minlength=2 * FURTHEST + 1)
    mode = int(count.argmax())
    about = count[max(mode - NEAR, 0) : mode + NEAR + 1].sum()
    surely = _surely(count[mode], count[FURTHEST]) and about >= LEAST * len(apart)
    return float(mode - FURTHEST) if surely else 0.0


def _factor(theirs: Floats, chiefs: Floats) -> float:
    """The factor by which most differ; 1 where that is no more than chance, or hardly another unit."""
    both = (theirs > 0) & (chiefs > 0)
    apart = np.sort(np.log(theirs[both] / chiefs[both]))
    if len(apart) < FEWEST:
        return 1.0
    first = np.searchsorted(apart, apart - NEARLY, side="left")
    behind = np.searchsorted(apart, apart + NEARLY, side="right")
    mode = int((behind - first).argmax())
    none = int((np.abs(apart) <= NEARLY).sum())
    about, middle = int(behind[mode] - first[mode]), float(np.median(apart[first[mode] : behind[mode]]))
    surely = _surely(about, none) and about >= LEAST * len(theirs) and abs(middle) >= OTHER_UNIT
    return float(np.exp(middle)) if surely else 1.0


def _surely(many: int, none: int) -> bool:
    return many - none > DEVIATIONS * float(np.sqrt(many + none))
