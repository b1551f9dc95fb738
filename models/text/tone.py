"""How a text sounds, from -1 (worst) to 1 (best), by the words of a configured lexicon; Chinese and English.

What words tell is added up and brought between -1 and 1: tone = s / √(s² + 15) (VADER, Hutto and Gilbert 2014). A negator
within reach turns a word and weakens it, degrees of it strengthen or weaken it, and in a sentence with a contrast
("but") what comes after weighs 1.5 and what came before 0.5. Chinese has no blanks: the longest term that fits is taken, from
the left. Nothing is learnt, so that each tone can be told by its words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from conf.tone import ToneSpec
from models.text.words import plain

SPREAD: Final = 15.0
BEFORE, AFTER = 0.5, 1.5
DIGITS: Final = 4
_TOKEN: Final = re.compile(r"[a-z]+(?:['-][a-z]+)*|[\u3400-\u4dbf\u4e00-\u9fff]|[.!?;:,、。…\n]+")
_SENTENCE_END: Final = re.compile(r"[.!?;。…\n]")
Kind = Literal["word", "negator", "degree", "contrast"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A text's tone, None where it has no word to read, and each term that tells with what it told."""

    tone: float | None
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Met:
    """A term of the lexicon, another word (kind None), or the end of a clause (an empty term)."""

    term: str
    kind: Kind | None = None
    value: float = 0.0


class Ear:
    """Reads texts by a lexicon."""

    def __init__(self, spec: ToneSpec) -> None:
        self._reach = spec.reach
        self._known: dict[str, _Met] = {}
        told: tuple[tuple[Kind, dict[str, float]], ...] = (
            ("word", spec.words),
            ("negator", spec.negators),
            ("degree", spec.degrees),
            ("contrast", dict.fromkeys(spec.contrasts, 0.0)),
        )
        for kind, terms in told:
            self._known |= {term: _Met(term, kind, value) for term, value in terms.items()}
        stems = [term for term in self._known if term.endswith("*")]
        self._stems = {term[:-1]: self._known.pop(term) for term in stems}
        self._longest_stem = max(map(len, self._stems), default=0)
        self._longest_words = max((t.count(" ") + 1 for t in self._known if t[0] <= "z"), default=1)
        self._longest_chinese = max((len(t) for t in self._known if t[0] > "z"), default=1)

    def hear(self, text: str) -> Heard:
        """The tone of a text: 0 where no word of it tells."""
        tokens = _TOKEN.findall(plain(text))
        if not any(_is_word(token) for token in tokens):
            return Heard(None, ())
        told = [one for sentence in _sentences(self._met(tokens)) for one in self._told(sentence)]
        total = math.fsum(value for _, value in told)
        return Heard(round(total / math.sqrt(total * total + SPREAD), DIGITS), tuple(told))

    def _met(self, tokens: Sequence[str]) -> Iterator[_Met]:
        """The longest terms from the left; what isn't in the lexicon as words of no kind."""
        at = 0
        while at < len(tokens):
            met, size = self._longest(tokens, at)
            yield met
            at += size

    def _longest(self, tokens: Sequence[str], at: int) -> tuple[_Met, int]:
        first = tokens[at]
        if not _is_word(first):
            return _Met("", None, 1.0 if _SENTENCE_END.search(first) else 0.0), 1
        chinese = first > "z"
        most, blank = (self._longest_chinese, "") if chinese else (self._longest_words, " ")
        for size in range(min(most, len(tokens) - at), 1, -1):
            if met := self._known.get(blank.join(tokens[at : at + size])):
                return met, size
        return self._known.get(first) or self._stemmed(first), 1

    def _stemmed(self, word: str) -> _Met:
        """By the longest stem that the word begins with."""
        for size in range(min(self._longest_stem, len(word)), 2, -1):
            if met := self._stems.get(word[:size]):
                return _Met(word, met.kind, met.value)
        return _Met(word)

    def _told(self, sentence: Sequence[_Met]) -> Iterator[tuple[str, float]]:
        """Each telling term of a sentence with its value there."""
        turn = max((i for i, met in enumerate(sentence) if met.kind == "contrast"), default=None)
        for i, met in enumerate(sentence):
            if met.kind == "word" and met.value:
                weight = 1.0 if turn is None else AFTER if i > turn else BEFORE
                yield met.term, round(weight * met.value * self._around(sentence, i), DIGITS)

    def _around(self, sentence: Sequence[_Met], at: int) -> float:
        """By how much what stands before a term, in its clause and within reach, multiplies it."""
        factor = 1.0
        for before in reversed(sentence[max(0, at - self._reach) : at]):
            if not before.term or before.kind in ("word", "contrast"):
                break
            if before.kind == "negator":
                factor *= -before.value
            elif before.kind == "degree":
                factor *= 1 + before.value
        return factor


def tones(spec: ToneSpec, texts: Iterable[str | None]) -> list[Heard]:
    """What each text sounds like; None is a text with no word."""
    ear = Ear(spec)
    return [ear.hear(text or "") for text in texts]


def _is_word(token: str) -> bool:
    return token[0].isalpha()


def _sentences(met: Iterable[_Met]) -> Iterator[list[_Met]]:
    """Cut where a sentence ends; clauses within it keep their ends."""
    sentence: list[_Met] = []
    for one in met:
        sentence.append(one)
        if not one.term and one.value:
            yield sentence
            sentence = []
    yield sentence
