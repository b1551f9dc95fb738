"""Words that are the initials of others: `hp` of Hawes Pharma, `j` of Jane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from models.linkage.wording import Apart, Wording

Places = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
LONGEST: Final = 5
"""Letters of a word that may be initials."""


class Initials:
    """Which words of one text are initials of another's."""

    def __init__(self, wording: Wording) -> None:
        self._texts, self._words = wording.held, np.array([*wording.words, ""], dtype=object)
        self._short: Flags = np.array([_plain(w) and len(w) <= LONGEST for w in wording.words], bool)
        begun = Counter(word[0] for word in wording.words if _plain(word))
        self._bits = {letter: float(np.log2(begun.total() / times)) for letter, times in begun.items()}

    def told(self, left: Places, right: Places, apart: Apart) -> tuple[Flags, Bits]:
        """Which words that one of two texts has alone are initials of the other's or meant by such, and how unlikely that is
        by chance, for each pair (bits).
        """
        meant, more = np.zeros(len(apart.word), bool), np.zeros(len(left))
        bounds = np.searchsorted(apart.pair, np.arange(len(left) + 1))
        for i in np.unique(apart.pair[self._short[apart.word]]) if len(apart.word) else ():
            here = slice(bounds[i], bounds[i + 1])
            alone = list(self._words[apart.word[here]])
            short, run = self._of(self._texts[left[i]], self._texts[right[i]], set(alone))
            meant[here] = [word == short or word in run for word in alone]
            more[i] = sum(self._bits[letter] for letter in short)
        return meant, more

    def _of(self, left: Sequence[str], right: Sequence[str], alone: set[str]) -> tuple[str, Sequence[str]]:
        mine, yours = ([w for w in text if w in alone and _plain(w)] for text in (left, right))
        found = initials(mine, yours)
        return found if found[0] else initials(yours, mine)


def initials(short: Sequence[str], long: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The first of the `short` words that is the initials of a run of the `long` ones, and these; empty where none is."""
    first = "".join(word[0] for word in long)
    for word in short:
        at = first.find(word) if len(word) <= LONGEST else -1
        run = long[at : at + len(word)]
        if at >= 0 and any(len(w) > 1 for w in run):
            return word, run
    return "", ()


def _plain(word: str) -> bool:
    """Whether a word is written in Latin letters alone."""
    return word.isascii() and word.isalpha()
