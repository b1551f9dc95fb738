"""What the words of two free texts tell, word by word: Fellegi and Sunter's weight of each, as far as it isn't another's echo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.linkage.initials import Initials
from models.linkage.wording import CHUNK, Apart, Wording

Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
KINDS: Final = ("common words", "rare words", "common codes", "rare codes")
"""Rare is what one text in a hundred holds, or fewer; a code is a word with a digit in it."""
RARE_BITS: Final = float(np.log2(100))
KEPT: Final = 0.6
"""Share of words kept, until pairs tell."""
DOUBT: Final = 10.0
"""So many texts are seen with each word alone before the first pair of words, and so many words before the first pair."""
UNSURE: Final = 100.0
"""So many words of pairs that a text may itself have joined count, beside those of pairs that all else makes sure."""
MOST_KEPT: Final = 0.95
LEAST_BITS: Final = -15.0
MOST_BITS: Final = 40.0


@dataclass(frozen=True)
class Told:
    """Of pairs of texts: how unlikely what they share is by chance (bits); of each kind of words (KINDS) how many both have,
    how many one has alone, and how many of these may be slips; how many of both have alone what is no slip (`sides`, −1 where
    nothing is shared).
    """

    rarity: Bits
    shared: Bits
    alone: Bits
    slips: Bits
    sides: Places

    def weight(self, kept: Bits) -> Bits:
        """Bits for one entity, of whose words in one text the other holds a share `kept`, by kind."""
        return self._bits(kept, self.alone)

    def family(self, kept: Bits) -> Bits:
        """Bits where the words that tell members of a family apart say nothing."""
        return self._bits(kept, self.slips)

    def _bits(self, kept: Bits, alone: Bits) -> Bits:
        bits = self.rarity + self.shared @ np.log2(kept) + alone @ np.log2(1 - kept) / 2
        return np.asarray(np.clip(bits, LEAST_BITS, MOST_BITS), float)

    def kept(self, one: Flags, sure: Flags) -> Bits:
        """The share of the words of one text that the other holds, by kind, in pairs that are `sure`, and as far as these are
        few in pairs that are `one`.
        """
        return self._kept(sure, self._kept(one, np.full(len(KINDS), KEPT), DOUBT), UNSURE)

    def _kept(self, chosen: Flags, usual: Bits, doubt: float) -> Bits:
        shared, alone = 2 * self.shared[chosen].sum(axis=0), self.alone[chosen].sum(axis=0)
        return np.asarray(np.clip((shared + doubt * usual) / (shared + alone + doubt), 0.1, MOST_KEPT), float)


class Teller:
    """The texts of one column, of which pairs are asked."""

    def __init__(self, wording: Wording) -> None:
        self._words = wording
        self._kind = 2 * wording.coded + (wording.rarity > RARE_BITS)
        self._initials = Initials(wording)

    def told(self, left: Places, right: Places) -> Told:
        """What the words of each pair tell. The rarest shared word counts in full, the others as far as they don't go with
        it anyhow (the words of one venue, of one maker's goods).
        """
        starts = range(0, max(len(left), 1), CHUNK)
        found = [self._of(left[i : i + CHUNK], right[i : i + CHUNK]) for i in starts]
        return Told(*(np.concatenate(part) for part in zip(*found, strict=True)))

    def _of(self, left: Places, right: Places) -> tuple[Bits, Bits, Bits, Bits, Places]:
        both = self._words.both(left, right)
        row, word = np.repeat(np.arange(len(left)), np.diff(both.indptr)), both.indices
        stem = self._words.stem(both)
        bits = np.where(word == stem[row], self._words.rarity[word], self._given(word, stem[row]))
        apart = self._words.apart(left, right)
        meant, more = self._initials.told(left, right, apart)
        rarity = np.bincount(row, np.maximum(bits, 0), minlength=len(left)) + more
        return rarity, self._counted(row, word, len(left)), *self._alone(apart.only(~meant), stem)

    def _alone(self, apart: Apart, stem: Places) -> tuple[Bits, Bits, Places]:
        """How many words of each kind one has alone, how many of them may be slips, and how many of both have others."""
        slip, sides = ~self._words.no_slip(apart, stem), np.zeros((len(stem), 2), bool)
        sides[apart.pair[~slip], apart.first[~slip]] = True
        rest = apart.only(slip)
        return (
            self._counted(apart.pair, apart.word, len(stem)),
            self._counted(rest.pair, rest.word, len(stem)),
            np.where(stem < 0, -1, sides.sum(axis=1)),
        )

    def _counted(self, pair: Places, word: Places, pairs: int) -> Bits:
        """How many words of each kind each pair has."""
        kinds = len(KINDS)
        found = np.bincount(pair * kinds + self._kind[word], minlength=kinds * pairs)
        return found.reshape(-1, kinds).astype(float)

    def _given(self, word: Places, rarest: Places) -> Bits:
        """How rare each word is among the texts that hold another (bits); the two texts compared don't count."""
        if not len(word):
            return np.empty(0)
        with_it = np.maximum(np.asarray(self._words.together[rarest, word], float).ravel() - 2, 0)
        held = np.maximum(self._words.together.diagonal()[rarest] - 2, 0)
        share = np.exp2(-self._words.rarity[word])
        return np.asarray(-np.log2((with_it + DOUBT * share) / (held + DOUBT)), float)
