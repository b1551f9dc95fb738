"""One column of which pairs are measured: each pair of values once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.process import cpdist

from models.linkage import grams
from models.linkage.encoded import dice, words
from models.linkage.normalising import CJK
from models.linkage.wording import Wording

Floats = npt.NDArray[np.float32]
Pairs = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]
Measure = Callable[[Pairs], Floats]


class Field:
    """One column as codes of its values, so that each pair of values is measured once."""

    def __init__(self, values: pd.Series) -> None:
        self.values = values
        self.code, self.known = pd.factorize(values.to_numpy(dtype=object))
        self.count = np.bincount(self.code[self.code >= 0], minlength=len(self.known))
        share = self.count / max(len(values), 1)
        self._rare = -np.log10(np.maximum(share, 1e-9)).astype(np.float32)
        self.chinese = any(CJK.search(str(v)) for v in self.known[:1000])

    @cached_property
    def wording(self) -> Wording:
        """The words of its values, those of a free text."""
        return Wording([str(v) for v in self.known], self.count)

    def same(self, pairs: Pairs) -> Floats:
        """1 where both have one value, 0 where they differ."""
        left, right, there = self.ends(pairs)
        return np.where(there, left == right, np.nan).astype(np.float32)

    def rarity(self, pairs: Pairs) -> Floats:
        """How rare the commoner of both values is, in powers of ten."""
        left, right, there = self.ends(pairs)
        if not len(self.known):
            return np.full(len(pairs), np.nan, np.float32)
        return np.where(there, np.minimum(self._rare[left], self._rare[right]), np.nan).astype(np.float32)

    def by(self, scorer: Any, scale: float = 1) -> Measure:
        """A measure by one of rapidfuzz's scorers, from 0 to 1."""

        def measured(left: Sequence[str], right: Sequence[str]) -> Floats:
            return np.asarray(
                cpdist(left, right, scorer=scorer, dtype=np.float32, workers=-1) / scale, np.float32
            )

        return lambda pairs: self._measured(pairs, measured)

    def each(self, one: Callable[[str, str], float]) -> Measure:
        """A measure by a function of two values."""

        def measured(left: Sequence[str], right: Sequence[str]) -> Floats:
            return np.fromiter(map(one, left, right), np.float32, len(left))

        return lambda pairs: self._measured(pairs, measured)

    def bits(self) -> Measure:
        """How alike two encodings are (Dice's coefficient)."""
        filters = words(list(self.known))
        return self.placed(lambda left, right: dice(filters, left, right))

    def pieces(self) -> Measure:
        """The cosine of the values' three-letter pieces, rare ones counted more."""
        rows = grams.weighted([str(v) for v in self.known], self.count)
        return self.placed(lambda left, right: grams.cosines(rows, left, right))

    def placed(self, measure: Callable[[Places, Places], Floats]) -> Measure:
        """A measure by the places of both values in `known`."""

        def measured(pairs: Pairs) -> Floats:
            left, right, there = self.ends(pairs)
            result = np.full(len(pairs), np.nan, np.float32)
            result[there] = measure(left[there], right[there])
            return result

        return measured

    def ends(self, pairs: Pairs) -> tuple[Places, Places, npt.NDArray[np.bool_]]:
        """The places of both values in `known`, and whether both are there and in one script: Chinese characters beside Latin
        letters tell nothing but by their sound.
        """
        left, right = self.code[pairs[:, 0]], self.code[pairs[:, 1]]
        there = (left >= 0) & (right >= 0)
        return left, right, there & (self._script[left] == self._script[right]) if self.chinese else there

    @cached_property
    def _script(self) -> npt.NDArray[np.bool_]:
        """Whether each value holds Chinese characters."""
        return np.array([bool(CJK.search(str(v))) for v in self.known], bool)

    def _measured(self, pairs: Pairs, measured: Callable[[Sequence[str], Sequence[str]], Floats]) -> Floats:
        left, right, there = self.ends(pairs)
        result = np.full(len(pairs), np.nan, np.float32)
        result[there & (left == right)] = 1
        rest = np.flatnonzero(there & (left != right))
        if len(rest):
            lo, hi = np.minimum(left[rest], right[rest]), np.maximum(left[rest], right[rest])
            once, place = np.unique(lo * len(self.known) + hi, return_inverse=True)
            values = measured(
                list(self.known[once // len(self.known)]), list(self.known[once % len(self.known)])
            )
            result[rest] = values[place]
        return result
