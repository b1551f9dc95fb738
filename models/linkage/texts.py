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
from models.linkage.families import Kin, parted, shares
from models.linkage.field import Field
from models.linkage.moved import SURE_BITS
from models.linkage.scored import replaced
from models.linkage.told import KEPT, KINDS, Teller, Told
from models.linkage.wording import FREE

Pairs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


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
        self._apart: dict[int, Floats] = {}
        self._pairs: Pairs | None = None
        self._told: dict[int, tuple[Flags, Told]] = {}

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
        self._apart = {}
        for place, (known, told) in self._told.items():
            rest = scored["weight"].to_numpy() - scored[f"bits_{place}"].to_numpy()
            sure = rest[known] >= SURE_BITS
            self.kept[place] = told.kept(one[known], sure)
            usual = shares(told.sides[sure])
            self._apart |= {} if usual is None else {place: usual}

    def parted(self, scored: pa.Table) -> pa.Table:
        """`scored` with the pairs weighed last that are of one family (models.linkage.families)."""
        for place, usual in self._apart.items():
            known, told = self._told[place]
            bits, sides = np.zeros(len(known)), np.full(len(known), -1)
            bits[known], sides[known] = told.family(self.kept[place]), told.sides
            scored = parted(scored, place, Kin(bits, sides), usual, self._columns)
        return scored

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
