"""Texts cut into terms: words and their pairs where words are separated, runs of one to four characters in Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

LONGEST: Final = 4
"""Characters of the longest Chinese term: most words have two, set phrases four."""
_RUN: Final = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff]+)|([a-z][a-z'’]*[a-z]|[a-z])")
_MASKED: Final = re.compile(r"\bx{2,}(?:[/\s-]*x{2,})*\b")
_OTHER_END: Final = re.compile(r"[.!?;:。！？；，,、：\n]")
STOP: Final = frozenset(
    ENGLISH_STOP_WORDS | {"i've", "i'm", "it's", "don't", "didn't", "told", "said", "would", "did"}
)


def plain(text: str) -> str:
    """In one form: compatibility characters unified, lower case, places masked as XXXX left out."""
    return _MASKED.sub(" ", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))


def terms(text: str) -> list[str]:
    """What the model counts: Chinese characters in runs of 1 to 4, words, and pairs of neighbouring words."""
    found: list[str] = []
    for clause in _OTHER_END.split(plain(text)):
        before = ""
        for chinese, word in _RUN.findall(clause):
            if chinese:
                found.extend(_runs(chinese, 1))
                before = ""
                continue
            found.append(word)
            if before:
                found.append(f"{before} {word}")
            before = word
    return found


def phrases(text: str) -> set[str]:
    """What may be shown as driving a class: terms of a text that mean something alone, each once, without digits."""
    return {term for term in terms(text) if _tells(term)}


def latin(text: str) -> str:
    """The words alone, for n-grams of their characters; Chinese has its own."""
    return " ".join(word for _, word in _RUN.findall(plain(text)) if word)


def key(text: str) -> str:
    """Letters and characters alone: texts with one key are copies of a template."""
    return "".join(a or b for a, b in _RUN.findall(plain(text)))


def is_chinese(texts: pd.Series) -> bool:
    """Whether most of the letters are Chinese characters."""
    sample = [plain(str(text)) for text in texts.dropna().head(500)]
    chinese = sum(len(a) for text in sample for a, _ in _RUN.findall(text))
    words = sum(len(b) for text in sample for _, b in _RUN.findall(text))
    return chinese > words / 4


def _runs(chinese: str, shortest: int) -> Iterator[str]:
    for size in range(shortest, LONGEST + 1):
        for start in range(len(chinese) - size + 1):
            yield chinese[start : start + size]


def _tells(term: str) -> bool:
    parts: Iterable[str] = term.split(" ")
    if "\u3400" <= term[0] <= "\u9fff":
        return len(term) >= 2
    words = list(parts)
    return words[0] not in STOP and words[-1] not in STOP and len(term) >= 3
