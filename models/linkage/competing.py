"""Sources that hold no entity twice: their records compete, for each record has at most one partner there.

Taken alone, a pair knows nothing of its rivals. Where the source of j is clean, at most one of i's pairs with it is true, so
that given all of them, with odds o, the pair's probability is o / (1 + the sum of the odds of all of i's pairs there); the same
holds for j where i's source is clean, and two records of one clean source are never one. So variants of one thing that a
source tells apart aren't each sure of the same partner, and what is ahead of every rival stays as it was.

Whether a source is clean is told by the file: of the other sources' records that surely have a partner in it (each the other's
best, and none of the quarter that is least sure) hardly one has a second there that is nearly as good. Variants are behind by what tells them apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Pairs = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
FEWEST: Final = 20
"""With fewer sure pairs nothing is told of a source."""
NEARLY: Final = 4.0
"""A second partner that is behind by fewer bits is nearly as good."""
UNSURE: Final = 0.25
"""Share of the best pairs that aren't asked, for their second is as good by chance. More would leave out what is repeated:
words that many records hold weigh less."""
REPEATED: Final = 0.04
"""Share of the surely matched that have nearly as good a second partner in a source, below which it is clean."""
ALONE: Final = 30.0
"""By how many bits a pair without a rival is ahead."""


class Contest:
    """`pairs`, and who competes among them: a record's pairs with the records of one other source. `source`: the number of
    each record's source.
    """

    def __init__(self, source: Codes, pairs: Pairs) -> None:
        self.count = int(source.max(initial=-1)) + 1
        self._own = np.concatenate([source[pairs[:, 0]], source[pairs[:, 1]]])
        self._other = np.concatenate([source[pairs[:, 1]], source[pairs[:, 0]]])
        key = np.concatenate([pairs[:, 0], pairs[:, 1]]) * self.count + self._other
        across = np.flatnonzero(self._own != self._other)
        self._seat = across[np.argsort(key[across], kind="stable")]
        self._first = np.flatnonzero(np.diff(key[self._seat], prepend=-1))
        self._size = np.diff(self._first, append=len(self._seat))

    def ahead(self, weight: Floats, clean: Flags) -> Floats:
        """By how many bits each pair is ahead of the best rival of either of its records, at most ALONE; `clean` says of
        each source whether it holds no entity twice.
        """
        margin = np.where(clean[self._other], self._margins(weight), ALONE)
        found = np.minimum(*np.split(margin, 2))
        return np.where(self.never(clean), -ALONE, np.clip(found, -ALONE, ALONE))

    def shared(self, probability: Floats, clean: Flags) -> Floats:
        """The probability of each pair given all of its rivals."""
        odds = np.minimum(probability / np.maximum(1 - probability, 1e-15), 1e15)
        both = np.tile(odds, 2)
        rest = np.zeros(len(both))
        if len(self._seat):
            total = np.add.reduceat(both[self._seat], self._first)
            rest[self._seat] = np.repeat(total, self._size) - both[self._seat]
        left, right = np.split(np.where(clean[self._other], np.maximum(rest, 0), 0), 2)
        return np.where(self.never(clean), 0.0, odds / (1 + odds + left + right))

    def never(self, clean: Flags) -> Flags:
        """Whether both records are of one clean source."""
        own, other = (np.split(ends, 2)[0] for ends in (self._own, self._other))
        return np.asarray((own == other) & clean[own], bool)

    def clean(self, weight: Floats) -> Flags:
        """For each source whether it holds no entity twice, as `weight` (bits, with the prior) tells."""
        margin = self._margins(weight)
        best = (
            (np.minimum(*np.split(margin, 2)) >= 0) & (weight > 0) & (self._own != self._other)[: len(weight)]
        )
        best &= weight >= np.quantile(weight[best], UNSURE) if best.any() else False
        sure = np.tile(best, 2)
        met, twice = (
            np.bincount(self._other[flags], minlength=self.count)
            for flags in (sure, sure & (margin < NEARLY))
        )
        return np.asarray((met >= FEWEST) & (twice < REPEATED * met), bool)

    def _margins(self, weight: Floats) -> Floats:
        """By how many bits each pair is ahead of its left record's best rival, then the same of its right record's."""
        margin = np.full(2 * len(weight), ALONE)
        if not len(self._seat):
            return margin
        held = np.tile(weight, 2)[self._seat]
        best = np.repeat(np.maximum.reduceat(held, self._first), self._size)
        leads = held == best
        second = np.repeat(np.maximum.reduceat(np.where(leads, -np.inf, held), self._first), self._size)
        tied = np.repeat(np.add.reduceat(leads, self._first), self._size) > 1
        margin[self._seat] = held - np.where(leads & ~tied, second, best)
        return margin
