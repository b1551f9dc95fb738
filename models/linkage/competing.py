"""Sources that hold no entity twice: their records compete, for each record has at most one partner there.

Taken alone, a pair knows nothing of its rivals. Where the source of j is clean, at most one of i's pairs with it is true, so
that given the odds o of i and j, and L, the sum of the odds of i's other pairs there, the pair's probability is o / (o + 1 + L); the same
holds for j (R) where i's source is clean, together o / (o + (1 + L)(1 + R)), and two records of one clean source are never one. A rival counts for less
the more another record has a claim to it: a namesake whose own partner is found is none. So the odds in L are themselves divided by 1 + what rivals
have at their other end, in ROUNDS turns (belief propagation, exact where no chain of rivals closes to a circle; Williams and Lau 2014).
So variants of one thing that a source tells apart aren't each sure of the same partner, and what is ahead of every rival stays as it was.

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
ROUNDS: Final = 10
"""How far along a chain of rivals a claim is heard."""
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
        """The probability of each pair given all of its rivals, and theirs."""
        odds = np.minimum(probability / np.maximum(1 - probability, 1e-15), 1e15)
        bound = clean[self._other]
        left = right = np.zeros(len(odds))
        for _ in range(ROUNDS):
            rest = np.where(bound, self._rest(np.concatenate([odds / (1 + right), odds / (1 + left)])), 0)
            left, right = np.split(rest, 2)
        return np.where(self.never(clean), 0.0, odds / (odds + (1 + left) * (1 + right)))

    def _rest(self, odds: Floats) -> Floats:
        """Of each pair, seen from either end, the sum of the `odds` of that record's other pairs with the same source."""
        rest = np.zeros(len(odds))
        if not len(self._seat):
            return rest
        held = odds[self._seat]
        best = np.repeat(np.maximum.reduceat(held, self._first), self._size)
        # The best are added apart: their odds less their own would be lost in rounding.
        behind = np.where(held < best, held, 0)
        second = np.repeat(np.add.reduceat(behind, self._first), self._size)
        tied = np.repeat(np.add.reduceat(held == best, self._first), self._size)
        rest[self._seat] = second - behind + best * np.where(held < best, tied, tied - 1)
        return rest

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
