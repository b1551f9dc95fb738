"""Full names taken apart by the column itself, where no other column knows the parts.

Members of a household share the words of a family name, and a nickname or an initial stands for a given one only: as a whole, a
name tells neither. Which word is which is told by where initials stand (`Lee J`, `J Lee`, `Jane A Lee`), by given names that
everybody knows, and by all other names of the column: a word is what it is elsewhere, whatever stands first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.linkage.callnames import KNOWN
from models.linkage.normalising import CJK

Floats = npt.NDArray[np.float64]
PERSONAL: Final = 0.9
"""Share of the values, at least, that are two to LONGEST words."""
LONGEST: Final = 5
OTHERS: Final = 0.02
"""Share of the values, at most, that name firms, trusts or several people: of these nothing is a given name."""
NOBODY: Final = re.compile(
    r"\b(?:and|und|et|trust|trustees?|estate|bank|university|church|school|inc|llc|ltd|limited|corp|plc|gmbh|company|co|lp|llp)\b"
)
GIVEN_FIRST: Final = 0.6
"""How likely a given name stands first, before looking."""
STEPS: Final = 8
KNOWN_COUNT: Final = 3.0
"""As how many records a given name that everybody knows counts."""


def taken_apart(names: pd.Series) -> pd.DataFrame | None:
    """Columns given, middle and family of normalised full names (index as theirs, missing parts None); None where the column
    holds anything but people's names in Latin letters.
    """
    count = names.value_counts()
    split = {str(value): str(value).split() for value in count.index}
    if not _personal(list(split), count.to_numpy(float)):
        return None
    roles = _Roles(
        [w for w in split.values() if len(w) > 1], [int(count[v]) for v, w in split.items() if len(w) > 1]
    )
    parts = {value: roles.parts(words) for value, words in split.items()}
    found = [names.map({v: part[i] for v, part in parts.items()}) for i in range(3)]
    table = pd.concat(found, axis=1, keys=["given", "middle", "family"]).astype(object)
    return table.where(table.notna(), None)


def _personal(values: Sequence[str], count: Floats) -> bool:
    if not len(values) or any(CJK.search(value) for value in values):
        return False
    several = np.array([1 < len(value.split()) <= LONGEST for value in values])
    other = np.array([bool(NOBODY.search(value)) for value in values])
    return bool(np.average(several, weights=count) >= PERSONAL and np.average(other, weights=count) <= OTHERS)


class _Roles:
    """How often each word is a given and how often a family name in `names` (words of each), by expectation maximisation over
    which of both stands first.
    """

    def __init__(self, names: Sequence[Sequence[str]], count: Sequence[int]) -> None:
        ends = [(words[0], _last(words)) for words in names]
        code, known = pd.factorize(np.array(ends, dtype=object).ravel())
        self._first, self._last = code[0::2], code[1::2]
        self._place = {word: i for i, word in enumerate(known)}
        self._usual = np.array([KNOWN_COUNT if word in KNOWN else 0.0 for word in known])
        times, told = np.array(count, float), np.array([_told(words) for words in names])
        first = np.where(np.isnan(told), self._at_first(told, times), told)
        for _ in range(STEPS):
            self._count(first * times, (1 - first) * times)
            self._given_first = _share(first, times)
            first = np.where(np.isnan(told), self._likely(self._first, self._last), told)

    def _at_first(self, told: Floats, times: Floats) -> Floats:
        """How likely the given name stands first as far as initials and known names tell: of the rest as of these."""
        sign = np.sign(self._usual[self._first] - self._usual[self._last])
        seen = np.where(np.isnan(told), np.where(sign == 0, np.nan, (1 + sign) / 2), told)
        known = ~np.isnan(seen)
        return np.where(known, 0.05 + 0.9 * seen, _share(seen[known], times[known]))

    def parts(self, words: Sequence[str]) -> tuple[str | None, str | None, str | None]:
        """Given, middle and family name."""
        if len(words) < 2:
            return (None, None, words[0]) if self._more(words[0]) <= 0 else (words[0], None, None)
        told = _told(words)
        if np.isnan(told):
            ends = (np.array([self._place[w]]) for w in (words[0], _last(words)))
            told = float(self._likely(*ends)[0])
        if told >= 0.5:
            inner = [i + 1 for i in range(1, len(words) - 1) if len(words[i]) == 1][-1:]
            cuts = inner or range(len(words) - 1, 0, -1)
            cut = max(cuts, key=lambda i: self._cut(words[1:i], words[i:]))
            return words[0], " ".join(words[1:cut]) or None, " ".join(words[cut:])
        cut = max(range(1, len(words)), key=lambda i: self._cut(words[i:], words[:i]))
        return words[cut], " ".join(words[cut + 1 :]) or None, " ".join(words[:cut])

    def _cut(self, given: Sequence[str], family: Sequence[str]) -> float:
        return sum(map(self._more, given)) - sum(map(self._more, family)) - 0.1 * len(family)

    def _more(self, word: str) -> float:
        """How much more a word is a given than a family name (natural logarithm); an initial is never one of a family."""
        if len(word) == 1:
            return 20.0
        i = self._place.get(word)
        return 0.0 if i is None else float(self._log_given[i] - self._log_family[i])

    def _count(self, first: Floats, second: Floats) -> None:
        size = len(self._place)
        given = np.bincount(self._first, first, size) + np.bincount(self._last, second, size) + self._usual
        family = np.bincount(self._last, first, size) + np.bincount(self._first, second, size)
        self._log_given, self._log_family = (
            np.log((n + 0.5) / (n.sum() + 0.5 * size + 1e-9)) for n in (given, family)
        )

    def _likely(self, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> Floats:
        """How likely the first word is the given name."""
        more = self._log_given - self._log_family
        odds = np.log(self._given_first / (1 - self._given_first)) + more[first] - more[last]
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))), float)


def _share(first: Floats, times: Floats) -> float:
    """In which share of names the given name stands first, with GIVEN_FIRST as if seen twice."""
    return float(((first * times).sum() + 2 * GIVEN_FIRST) / (times.sum() + 2))


def _last(words: Sequence[str]) -> str:
    """The last word that is no initial, else the last."""
    return next((word for word in reversed(words[1:]) if len(word) > 1), words[-1])


def _told(words: Sequence[str]) -> float:
    """1 where initials say that the given name stands first, 0 that the family name does; NaN where they say nothing."""
    initial = [len(word) == 1 for word in words]
    if initial[-1] and not initial[0]:
        return 0.0
    return 1.0 if any(initial[:-1]) and not initial[-1] else np.nan
