"""Free texts weighed word by word, in place of the levels of their comparison.

A title has no level that fits: of one thing two shops write half of the words alike, of two things of one family as many.
Fellegi and Sunter's weight is taken for each word instead. A word that a share f of the texts holds, and that an entity's texts
keep with the share k, adds log2(k / f) where both hold it (of words that go together anyhow, what the rarest leaves), and a word
that one holds alone log2(1 - k), taken half, for both sides count. k is the column's own for each kind of words (rare ones, those
with a digit), from pairs that all other columns make sure, and where these are few from the clusters found so far: a cluster
that shared words brought together can't tell how often they differ.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.branches import branch
from models.linkage.families import Kin, parted, shares
from models.linkage.field import Field
from models.linkage.moved import SURE_BITS
from models.linkage.scored import replaced
from models.linkage.told import KEPT, KINDS, Teller, Told
from models.linkage.wording import FREE

Pairs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


class Texts:
    """Those of `fields` that are free text, by their place among `columns`."""

    def __init__(self, fields: Mapping[str, Field], columns: Mapping[str, ColumnConf]) -> None:
        self._names = list(columns)
        self._fields: dict[int, tuple[Field, Teller]] = {}
        for place, (name, column) in enumerate(columns.items()):
            if column.meaning in FREE and not column.levels:
                self._fields[place] = fields[name], Teller(fields[name].wording)
        self.kept = {place: np.full(len(KINDS), KEPT) for place in self._fields}
        self._columns = columns
        self._usual: dict[int, list[Floats | None]] = {}
        self._pairs: Pairs = np.empty((0, 2), np.int64)
        self._told: dict[int, tuple[Flags, Told]] = {}
        named = {place: _branches(field) for place, (field, _) in self._fields.items()}
        self._branch = {place: found for place, found in named.items() if found.any()}

    def weighed(self, scored: pa.Table, pairs: Pairs) -> pa.Table:
        """`scored` (models.linkage.scoring) of `pairs` with the texts' bits, and the weight, as their words tell them."""
        self._look(pairs)
        weight = scored["weight"].to_numpy()
        for place, (known, told) in self._told.items():
            bits = np.zeros(len(pairs))
            bits[known] = told.weight(self.kept[place])
            weight = weight + bits - np.nan_to_num(scored[f"bits_{place}"].to_numpy())
            scored = replaced(scored, f"bits_{place}", bits)
        return replaced(scored, "weight", weight) if self._told else scored

    def learn(self, one: Flags, scored: pa.Table) -> None:
        """How many words are kept and how often words tell two texts apart, from the pairs weighed last: those that all else
        makes sure, and those that are `one` entity.
        """
        for place, (known, told) in self._told.items():
            rest = scored["weight"].to_numpy() - scored[f"bits_{place}"].to_numpy()
            sure = rest[known] >= SURE_BITS
            self.kept[place] = told.kept(one[known], sure)
            self._usual[place] = [shares(kin.sides[known][sure]) for kin in self._kin(place)]

    def parted(self, scored: pa.Table) -> pa.Table:
        """`scored` with the pairs weighed last that are of one family (models.linkage.families)."""
        for place, usual in self._usual.items():
            for kin, share in zip(self._kin(place), usual, strict=True):
                if share is not None:
                    scored = parted(scored, place, kin, share, self._columns)
        return scored

    def _kin(self, place: int) -> list[Kin]:
        """Of the pairs looked at last: whose words tell them apart, and which of them name another branch."""
        field, _ = self._fields[place]
        known, told = self._told[place]
        bits, sides = np.zeros(len(known)), np.full(len(known), -1)
        bits[known], sides[known] = told.family(self.kept[place]), told.sides
        if place not in self._branch:
            return [Kin(bits, sides)]
        own, other = np.zeros(len(known)), np.full(len(known), -1)
        left, right, _ = field.ends(self._pairs)
        named = self._branch[place]
        own[known], other[known] = told.weight(self.kept[place]), (named[left] != named[right])[known]
        return [Kin(own, other), Kin(bits, sides)]

    def words_kept(self) -> dict[str, dict[str, float]]:
        """For each column the share of words kept, by kind."""
        return {
            self._names[place]: dict(zip(KINDS, map(float, kept), strict=True))
            for place, kept in self.kept.items()
        }

    def _look(self, pairs: Pairs) -> None:
        if self._pairs is pairs:
            return
        self._pairs = pairs
        for place, (field, teller) in self._fields.items():
            left, right, known = field.ends(pairs)
            self._told[place] = known, teller.told(left[known], right[known])


def _branches(field: Field) -> Codes:
    """Which branch each value of a column names: a number for each, 0 for none."""
    named = [branch(str(value)) for value in field.known]
    number = {name: i for i, name in enumerate(sorted({"", *named}))}
    return np.array([number[name] for name in named], np.int64)
