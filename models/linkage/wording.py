"""Free texts as sets of words, the rare ones counted more: what two share, and what each has that the other lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.linkage.rarity import pieces
from models.linkage.spelling import SELDOM, is_code, one_spelling, with_parts

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
FREE: Final = frozenset({"organisation name", "text"})
"""Meanings of what is written by whoever likes."""
CHUNK: Final = 100_000
LEAST: Final = 0.1
"""What a word weighs at least, however many hold it."""
SAMPLE: Final = 20_000
"""Texts from which it is told which words go together."""


@dataclass(frozen=True)
class Apart:
    """Words that one of two texts has alone: the pair's place, in order; the word's; 1 where it is the first text's, else 0."""

    pair: Places
    word: Places
    first: Places

    def only(self, chosen: Flags) -> Apart:
        """Those `chosen`."""
        return Apart(self.pair[chosen], self.word[chosen], self.first[chosen])


class Wording:
    """`texts`, and how many records hold each, as `rows` (texts × words, by ln N / n) and `held` (words in order); `rarity`
    (log2 N / n) and `coded` (it holds a digit) of each word of `words`.
    """

    def __init__(self, texts: Sequence[str], count: npt.NDArray[np.int64]) -> None:
        written = [pieces(text) for text in texts]
        held = [with_parts(words) for words in one_spelling(written, borne(written, count))]
        records = borne(held, count)
        bearers = np.maximum(np.fromiter(records.values(), float, len(records)), 1)
        weight = np.maximum(np.log(max(int(count.sum()), 1) / bearers), LEAST)
        place = {word: i for i, word in enumerate(records)}
        starts = np.cumsum([0, *map(len, held)])
        cols = np.fromiter((place[w] for words in held for w in words), np.int64, int(starts[-1]))
        shape = (len(held), max(len(records), 1))
        self.held, self.words, self._count = held, list(records), count
        self.rows = sparse.csr_matrix((weight[cols].astype(np.float32), cols, starts), shape)
        self.rarity = weight / np.log(2)
        self._often: Flags = bearers > SELDOM
        self.coded: Flags = np.fromiter(map(is_code, records), bool, len(records))

    def cosine(self, left: Places, right: Places) -> Floats:
        """The cosine of the weighted words (TF-IDF)."""
        length = np.sqrt(np.asarray(self.rows.multiply(self.rows).sum(axis=1)).ravel())
        return _by_chunk(
            left, right, lambda a, b: _dot(self.rows, a, b) / np.maximum(length[a] * length[b], 1e-9)
        )

    def contained(self, left: Places, right: Places) -> Floats:
        """The share of the words' weight of the one with less that the other holds."""
        total, root = np.asarray(self.rows.sum(axis=1)).ravel(), self.rows.sqrt()
        return _by_chunk(
            left, right, lambda a, b: _dot(root, a, b) / np.maximum(np.minimum(total[a], total[b]), 1e-9)
        )

    def foreign(self, left: Places, right: Places) -> Floats:
        """The weight, negated, of the rarest word that only one has; of both sides' the lesser."""
        return _by_chunk(left, right, lambda a, b: _foreign(self.rows, a, b))

    def foreign_codes(self, left: Places, right: Places) -> Floats:
        """The same of words that hold a digit: two models, versions or years."""
        codes = self._codes()
        return _by_chunk(left, right, lambda a, b: _foreign(codes, a, b))

    def codes(self, left: Places, right: Places) -> Floats:
        """The weight of the words that hold a digit and that both have."""
        root = self._codes().sqrt()
        return _by_chunk(left, right, lambda a, b: _dot(root, a, b))

    def both(self, left: Places, right: Places) -> sparse.csr_matrix:
        """Pairs × the words that both of each two texts hold, the heavier the rarer."""
        return self.rows[left].multiply(self.rows[right]).tocsr()

    @staticmethod
    def stem(both: sparse.csr_matrix) -> Places:
        """The rarest word of each pair of `both`, −1 where the texts share none."""
        found = np.asarray(both.argmax(axis=1)).ravel()
        return np.where(np.diff(both.indptr) > 0, found, -1)

    def apart(self, left: Places, right: Places) -> Apart:
        """The words that one of each two texts has alone."""
        rest = (self._held[left] - self._held[right]).tocsr()
        rest.eliminate_zeros()
        pair = np.repeat(np.arange(len(left)), np.diff(rest.indptr))
        return Apart(pair, rest.indices.astype(np.int64), (rest.data > 0).astype(np.int64))

    def no_slip(self, apart: Apart, stem: Places) -> Flags:
        """Which words one text has alone and a third one as well: more than SELDOM do, or one beside the rarest word of both."""
        if not len(apart.word):
            return np.empty(0, bool)
        rarest = stem[apart.pair]
        again = np.asarray(self.together[rarest, apart.word] > 1, bool).ravel()
        return np.asarray((again | self._often[apart.word]) & (rarest >= 0), bool)

    @cached_property
    def together(self) -> sparse.csr_matrix:
        """Words × words: how many records of a sample hold both."""
        some = self._held[:SAMPLE]
        records = sparse.diags_array(self._count[: some.shape[0]].astype(np.float32))
        return (some.T @ (records @ some)).tocsr()

    @cached_property
    def _held(self) -> sparse.csr_matrix:
        made = self.rows.copy()
        made.data[:] = 1
        return made

    def _codes(self) -> sparse.csr_matrix:
        made = self.rows.copy()
        made.data *= self.coded[made.indices] if len(self.coded) else 0
        made.eliminate_zeros()
        return made


def borne(texts: Sequence[Sequence[str]], count: npt.NDArray[np.int64]) -> dict[str, int]:
    """How many records hold each word; `count`: how many hold each text."""
    records: dict[str, int] = {}
    for words, times in zip(texts, count, strict=True):
        for word in words:
            records[word] = records.get(word, 0) + int(times)
    return records


def _dot(rows: sparse.csr_matrix, left: Places, right: Places) -> Floats:
    return np.asarray(rows[left].multiply(rows[right]).sum(axis=1), np.float32).ravel()


def _foreign(rows: sparse.csr_matrix, left: Places, right: Places) -> Floats:
    a, b = rows[left], rows[right]
    both = a.multiply(b).sqrt()
    rest = [np.asarray((side - both).max(axis=1).todense(), np.float32).ravel() for side in (a, b)]
    return np.asarray(-np.minimum(*rest), np.float32)


def _by_chunk(left: Places, right: Places, measured: Callable[[Places, Places], Floats]) -> Floats:
    found = [measured(left[i : i + CHUNK], right[i : i + CHUNK]) for i in range(0, len(left), CHUNK)]
    return np.concatenate(found).astype(np.float32) if found else np.empty(0, np.float32)
