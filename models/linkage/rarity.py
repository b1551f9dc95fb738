"""Which words a text holds, the rare ones counted more: what free names and addresses are compared by."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from pypinyin import Style, lazy_pinyin

from models.linkage.normalising import CJK

WORDED: Final = frozenset({"full name", "organisation name", "employer", "street", "full address", "text"})
MOST_COPIES: Final = 5
BETWEEN: Final = "·"
"""Between two syllables, so that they aren't taken for a word that may be misspelt."""


def rare_words(values: pd.Series) -> pd.Series:
    """Each text as the list of its words' numbers, a word under k numbers where one record in about 10^k holds it, so that the length of two lists' intersection weighs what they share. Chinese text goes by pairs of
    characters. Words that more than a third of the records hold are left out, unless nothing else is there.
    """
    code, known = pd.factorize(values.to_numpy(dtype=object))
    count = np.bincount(code[code >= 0], minlength=len(known))
    held = [pieces(str(v)) for v in known]
    records: dict[str, int] = {}
    for words, times in zip(held, count, strict=True):
        for word in words:
            records[word] = records.get(word, 0) + int(times)
    total = max(int(count.sum()), 1)
    copies = {w: int(np.clip(round(np.log10(total / c)), 0, MOST_COPIES)) for w, c in records.items()}
    number = {word: place * (MOST_COPIES + 1) for place, word in enumerate(copies)}
    lists = [_copied(words, copies, number) for words in held]
    return pd.Series([lists[c] if c >= 0 else None for c in code], values.index, dtype=object)


def pieces(text: str) -> list[str]:
    """The words of a normalised text, each once; Chinese as pairs of characters by their sound, which traditional ones share."""
    found: list[str] = []
    for word in text.split():
        found += _pairs_of_characters(word) if CJK.search(word) else [word]
    return list(dict.fromkeys(found))


def _pairs_of_characters(word: str) -> list[str]:
    """By their sounds; anything else letter by letter."""
    spoken = lazy_pinyin(word, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]  # lists are taken as well
    return [f"{first}{BETWEEN}{then}" for first, then in pairwise(spoken)] or [
        f"{s}{BETWEEN}" for s in spoken
    ]


def _copied(words: list[str], copies: dict[str, int], number: dict[str, int]) -> list[int]:
    made = [number[w] + k for w in words for k in range(copies[w])]
    return made or [number[w] for w in words]
