"""One who has moved is as a stranger to the old address: all of its parts differ together, not each by chance.

Fellegi and Sunter take the parts for independent: street, number, town and postcode of a new address then speak four
times over against one person. Here what a person may change in one go (the address, a phone, a family name) is a group:
unchanged with the share 1 − c of one entity's pairs, whose bits are S; else as among strangers, 0 bits. So a group weighs
log2(c + (1 − c) 2^S), never less than log2 c. The share c is estimated, by expectation maximisation of it alone, from the
pairs that everything else makes sure: pairs chosen with the help of an address can't tell how often it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from conf.linkage import ColumnConf

Floats = npt.NDArray[np.float64]
WHERE: Final = frozenset(
    {"street", "house number", "unit", "town", "region", "postcode", "country", "full address"}
)
GROUPS: Final = (WHERE, *(frozenset({meaning}) for meaning in ("phone", "e-mail", "employer", "family name")))
SURE_BITS: Final = 10.0
"""Pairs with as much weight but for the group tell how often it changes. With few bits brothers and sisters tell it."""
STEPS: Final = 20
FIRST: Final = 0.05
DOUBT: Final = 20.0
"""So many pairs that haven't changed are seen before the first one."""


@dataclass(frozen=True)
class Group:
    """Columns (their places) that change together, and the share of one entity's pairs in which they have."""

    places: tuple[int, ...]
    changed: float

    def more(self, bits: Floats) -> Floats:
        """What the group weighs more than the sum of its columns' `bits`."""
        return _mixed(self.changed, bits) - bits

    def kept(self, bits: Floats) -> Floats:
        """How likely it is, of pairs that are one entity, that the group hasn't changed."""
        return np.asarray(1 - self.changed / np.exp2(_mixed(self.changed, bits)), float)


def groups(columns: Mapping[str, ColumnConf]) -> list[tuple[int, ...]]:
    """The places of the columns that change together, group by group."""
    meanings = [column.meaning for column in columns.values()]
    found = [tuple(i for i, meaning in enumerate(meanings) if meaning in group) for group in GROUPS]
    return [places for places in found if places]


def group(places: Sequence[int], bits: Floats, rest: Floats) -> Group:
    """The group with its share of changes; `bits`: what it says of each pair, `rest`: what all else says, with the prior."""
    told = (rest >= SURE_BITS) & (bits != 0)
    same, one = np.exp2(np.clip(bits[told], -60, 60)), np.exp2(np.clip(rest[told], -60, 60))
    changed = FIRST
    for _ in range(STEPS):
        left, stayed = one * changed, one * (1 - changed) * same
        total = 1 + left + stayed
        changed = float((left / total).sum() / (((left + stayed) / total).sum() + DOUBT))
        changed = float(np.clip(changed, 1e-4, 0.9))
    return Group(tuple(places), changed)


def _mixed(changed: float, bits: Floats) -> Floats:
    return np.asarray(np.log2(changed + (1 - changed) * np.exp2(np.clip(bits, -60, 60))), float)
