"""One spelling for each word of a column, told by the column itself: what is split elsewhere, and slips of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

Words = list[str]
PART: Final = "~"
RUN: Final = re.compile(r"[^\W\d]+|\d+")
SHORTEST: Final = 5
LONGEST: Final = 20
"""Letters of a word that may be a slip of another; of a shorter one a letter makes another word."""
SHORTEST_WHOLE: Final = 4
SELDOM: Final = 2
OFTENER: Final = 4
"""A slip is borne by SELDOM records at most, or by so many times fewer than the word that was meant."""


def one_spelling(texts: Sequence[Words], records: Mapping[str, int]) -> list[Words]:
    """`texts` (words in order) where `kdl 52` is `kdl52` if that is a word too, and a slip the word it is a slip of.

    `records`: how many records bear each word. Words that hold a digit are codes, and another digit is another code.
    """
    meant = slips(records)
    return [list(dict.fromkeys(meant.get(word, word) for word in _whole(words, records))) for words in texts]


def with_parts(words: Words) -> Words:
    """`words`, and of codes of letters and digits the runs of each as well: half of a mistyped code tells something."""
    codes = [word for word in words if _mixed(word)]
    parts = [PART + run for word in codes for run in RUN.findall(word) if len(run) > 1]
    return list(dict.fromkeys([*words, *parts]))


def is_code(word: str) -> bool:
    """Whether a word, and no part of one, holds a digit."""
    return not word.startswith(PART) and any(c.isdigit() for c in word)


def _mixed(word: str) -> bool:
    return any(c.isdigit() for c in word) and any(c.isalpha() for c in word)


def _whole(words: Words, known: Mapping[str, int]) -> Words:
    made: Words = []
    for word in words:
        if made and len(made[-1]) + len(word) >= SHORTEST_WHOLE and made[-1] + word in known:
            made[-1] += word
        else:
            made.append(word)
    return made


def slips(records: Mapping[str, int]) -> dict[str, str]:
    """Words that are one edit from a commoner one (of equals, from the first), with the commonest such."""
    likely = sorted(
        (w for w in records if SHORTEST <= len(w) <= LONGEST and w.isascii() and w.isalpha()),
        key=lambda w: (-records[w], w),
    )
    near: dict[str, Words] = {}
    meant: dict[str, str] = {}
    for word in likely:
        keys = {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
        found = {w for key in keys for w in near.get(key, ()) if _slip(word, w, records)}
        if found:
            meant[word] = min(found, key=lambda w: (-records[w], w))
            continue
        for key in keys:
            near.setdefault(key, []).append(word)
    return meant


def _slip(word: str, other: str, records: Mapping[str, int]) -> bool:
    seldom = records[word] <= SELDOM or OFTENER * records[word] <= records[other]
    return seldom and DamerauLevenshtein.distance(word, other, score_cutoff=1) <= 1
