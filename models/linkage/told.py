"""What the words of two free texts tell, word by word: Fellegi and Sunter's weight of each, as far as it isn't another's echo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.linkage.wording import CHUNK, Wording

Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]
SAMPLE: Final = 20_000
"""Texts from which it is told which words go together."""
KINDS: Final = ("common words", "rare words", "common codes", "rare codes")
"""Rare is what one text in a hundred holds, or fewer; a code is a word with a digit in it."""
RARE_BITS: Final = float(np.log2(100))
KEPT: Final = 0.6
"""Share of words kept, until pairs tell."""
DOUBT: Final = 10.0
"""So many texts are seen with each word alone before the first pair of words, and so many words before the first pair."""
LEAST_BITS: Final = -15.0
MOST_BITS: Final = 40.0


@dataclass(frozen=True)
class Told:
    """Of pairs of texts: how unlikely what they share is by chance (bits), and of each kind of words (KINDS) how many both
    have and how many one has alone.
    """

    rarity: Bits
    shared: Bits
    alone: Bits

    def weight(self, kept: Bits) -> Bits:
        """Bits for one entity, of whose words in one text the other holds a share `kept`, by kind."""
        bits = self.rarity + self.shared @ np.log2(kept) + self.alone @ np.log2(1 - kept) / 2
        return np.asarray(np.clip(bits, LEAST_BITS, MOST_BITS), float)

    def kept(self, one: npt.NDArray[np.bool_]) -> Bits:
        """The share of the words of one text that the other holds, by kind, in pairs that are `one`."""
        shared, alone = 2 * self.shared[one].sum(axis=0), self.alone[one].sum(axis=0)
        return np.asarray(np.clip((shared + DOUBT * KEPT) / (shared + alone + DOUBT), 0.1, 0.95), float)


class Teller:
    """The texts of one column, of which pairs are asked."""

    def __init__(self, wording: Wording) -> None:
        self._words = wording
        self._together = _together(wording)
        self._kind = 2 * wording.coded + (wording.rarity > RARE_BITS)
        rows = wording.rows
        row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        self._held = _by_kind(row, self._kind[rows.indices], rows.shape[0])

    def told(self, left: Places, right: Places) -> Told:
        """What the words of each pair tell. The rarest shared word counts in full, the others as far as they don't go with
        it anyhow (the words of one venue, of one maker's goods).
        """
        starts = range(0, max(len(left), 1), CHUNK)
        found = [self._of(left[i : i + CHUNK], right[i : i + CHUNK]) for i in starts]
        return Told(*(np.concatenate(part) for part in zip(*found, strict=True)))

    def _of(self, left: Places, right: Places) -> tuple[Bits, Bits, Bits]:
        both = self._words.rows[left].multiply(self._words.rows[right]).tocsr()
        shared = np.diff(both.indptr)
        row = np.repeat(np.arange(len(left)), shared)
        order = np.lexsort((-both.data, row))
        word, first = both.indices[order], np.repeat(np.cumsum(shared) - shared, shared)
        alone = np.arange(len(word)) == first
        bits = np.where(alone, self._words.rarity[word], self._given(word, word[first]))
        counts = _by_kind(row, self._kind[word], len(left))
        total = np.bincount(row, np.maximum(bits, 0), minlength=len(left)).astype(float)
        return total, counts, self._held[left] + self._held[right] - 2 * counts

    def _given(self, word: Places, rarest: Places) -> Bits:
        """How rare each word is among the texts that hold another (bits); the two texts compared don't count."""
        if not len(word):
            return np.empty(0)
        with_it = np.maximum(np.asarray(self._together[rarest, word], float).ravel() - 2, 0)
        held = np.maximum(self._together.diagonal()[rarest] - 2, 0)
        share = np.exp2(-self._words.rarity[word])
        return np.asarray(-np.log2((with_it + DOUBT * share) / (held + DOUBT)), float)


def _together(wording: Wording) -> sparse.csr_matrix:
    """Words × words: how many records of a sample hold both."""
    some = wording.rows[:SAMPLE].copy()
    some.data[:] = 1
    records = sparse.diags_array(wording.count[: some.shape[0]].astype(np.float32))
    return (some.T @ (records @ some)).tocsr()


def _by_kind(row: Places, kind: Places, rows: int) -> Bits:
    """How many words of each kind each row has."""
    kinds = len(KINDS)
    return np.bincount(row * kinds + kind, minlength=kinds * rows).reshape(-1, kinds).astype(float)
