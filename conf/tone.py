"""How complaints sound, as a bank configures it: words with what they weigh, and what turns or strengthens them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from pydantic import Field, field_validator, model_validator

from conf.contracts import Frozen

WORST: Final = -4.0
BEST: Final = 4.0
MOST_WORDS: Final = 4
"""Words of a phrase at most."""
_TERM: Final = re.compile(
    rf"[a-z]+(?:['-][a-z]+)*(?: [a-z]+(?:['-][a-z]+)*){{0,{MOST_WORDS - 1}}}|[\u3400-\u4dbf\u4e00-\u9fff]{{1,8}}"
)
_STEM: Final = re.compile(r"[a-z]{3,}\*")


class ToneSpec(Frozen):
    """Words, and the phrases and Chinese terms that count as one, in lower case; `stem*` is any word that begins so."""

    words: dict[str, Annotated[float, Field(ge=WORST, le=BEST)]] = Field(default_factory=dict)
    """What a word tells, from the worst to the best; 0 is read, so that its parts aren't, and tells nothing."""
    negators: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """How much of the opposite is left of a word that is denied."""
    degrees: dict[str, Annotated[float, Field(gt=-1, le=1)]] = Field(default_factory=dict)
    """What a word adds to the next one, as a share of it."""
    contrasts: tuple[str, ...] = ()
    """After one of these a sentence says what it means."""
    reach: int = Field(default=3, ge=1, le=10)
    """Words, or Chinese characters, within which a negator or a degree works."""

    @field_validator("words", "negators", "degrees", "contrasts")
    @classmethod
    def _can_be_met(cls, terms: Iterable[str]) -> Iterable[str]:
        if wrong := sorted(t for t in terms if not _TERM.fullmatch(t) and not _STEM.fullmatch(t)):
            raise ValueError(
                f"{wrong[0]!r} is never met: write words in lower case, at most {MOST_WORDS} of them, "
                "Chinese terms of at most 8 characters, or a stem of 3 letters or more and a *"
            )
        return terms

    @model_validator(mode="after")
    def _each_is_one_thing(self) -> ToneSpec:
        seen: dict[str, str] = {}
        for kind, term in self._each():
            if term in seen:
                raise ValueError(f"{term!r} stands under {seen[term]} and under {kind}; leave one")
            seen[term] = kind
        return self

    def _each(self) -> Iterator[tuple[str, str]]:
        for kind in ("words", "negators", "degrees", "contrasts"):
            yield from ((kind, term) for term in getattr(self, kind))
