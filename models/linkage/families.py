"""Members of one family (a group's firms, a model's variants, a paper's parts) share all but the words that tell them apart.

Fellegi and Sunter know pairs that are one and strangers; by the words that both share two of a family are taken for one. How
often one entity's texts differ by words is seen where all else makes pairs sure, and from the pairs that don't differ it
follows how many of those that do are one. Where there are more than twice as many, the rest are families: of a pair that is
one or of one family with the probability t a share q is one, more where a number or a date of its own speaks for it and less
where it speaks against it, so that in all as many are one as may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.levels import CODES
from models.linkage.scored import replaced

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
OWN: Final = CODES | {"number", "date of birth", "e-mail"}
"""What two of a family share by chance only."""
SIDES: Final = 3
"""Words tell two texts apart that none has alone (0), that one has (1), or that each has (2)."""
FEWEST: Final = 30
"""With fewer sure pairs, or where most of them differ by words, nothing is told of families."""
AS_MANY: Final = 2.0
"""So many times the pairs expected may be one: sure pairs may differ less than others do."""
STEPS: Final = 60
FURTHEST: Final = 60.0


@dataclass(frozen=True)
class Kin:
    """Of pairs of texts: what they weigh if the words that tell them apart say nothing (bits), and how many of both have such
    words (below SIDES); −1 where one text is missing or nothing is shared.
    """

    bits: Floats
    sides: Codes


def shares(sides: Codes) -> Floats | None:
    """Which share of one entity's pairs differs so, from sure ones; None where these can't tell."""
    seen = np.bincount(sides[sides >= 0], minlength=SIDES)
    if seen.sum() < FEWEST or 2 * seen[0] <= seen.sum():
        return None
    return np.asarray((seen + 1) / (seen + 1).sum(), float)


def parted(
    scored: pa.Table, place: int, kin: Kin, usual: Floats, columns: Mapping[str, ColumnConf]
) -> pa.Table:
    """`scored` (models.linkage.scoring) with the weight of pairs of one family lessened, in the bits of the text at `place`;
    `usual`: the shares of one entity's pairs.
    """
    weight = scored["weight"].to_numpy()
    either = _probability(weight - scored[f"bits_{place}"].to_numpy() + kin.bits)
    own, less = _own(scored, columns), np.zeros(len(weight))
    alike = float(_probability(weight)[kin.sides == 0].sum()) / usual[0]
    for side in range(1, SIDES):
        at = np.flatnonzero(kin.sides == side)
        one = either[at] * _share(either[at], own[at], AS_MANY * alike * usual[side])
        less[at] = np.maximum(weight[at] - np.log2(one / (1 - one)), 0)
    return _lessened(scored, less, place)


def _own(scored: pa.Table, columns: Mapping[str, ColumnConf]) -> Floats:
    """What numbers and dates of its own say of each pair (bits)."""
    places = [i for i, column in enumerate(columns.values()) if column.meaning in OWN]
    bits = [np.nan_to_num(scored[f"bits_{i}"].to_numpy()) for i in places]
    return np.sum(bits, axis=0) if bits else np.zeros(scored.num_rows)


def _share(either: Floats, own: Floats, expected: float) -> Floats:
    """How likely each pair is one rather than of one family, so that `expected` are one, or all if there aren't so many."""
    low, high = -FURTHEST, FURTHEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        fewer = float((either * _probability(own + middle)).sum()) < expected
        low, high = (middle, high) if fewer else (low, middle)
    return _probability(own + low)


def _probability(bits: Floats) -> Floats:
    return np.asarray(np.clip(1 / (1 + np.exp2(-np.clip(bits, -60, 60))), 1e-12, 1 - 1e-12), float)


def _lessened(scored: pa.Table, less: Floats, place: int) -> pa.Table:
    for name in (f"bits_{place}", "weight"):
        scored = replaced(scored, name, scored[name].to_numpy() - less)
    return scored
