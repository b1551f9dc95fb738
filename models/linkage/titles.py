"""What stands around people's names, and how their names are written: titles, suffixes, commas, what no name is."""

from __future__ import annotations

import re
from typing import Final

TITLES: Final = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|mister|dr|prof|professor|sir|rev|mme|mlle|herr|frau) )+(?=\w)"
)
SUFFIXES: Final = re.compile(r"(?<=\w)(?: (?:jr|sr|jnr|snr|junior|senior|ii|iii|iv|esq))+$")
AFTER_NAMES: Final = re.compile(
    r"(?:\W*\b(?:jr|sr|jnr|snr|junior|senior|ii|iii|iv|esq|md|m\.d|phd|ph\.d|dds|cpa|rn|inc|incorporated|llc|l\.?l\.?c|l l c|"
    r"ltd|limited|lp|llp|plc|corp|trustee)\b)+\W*",
    re.IGNORECASE,
)
"""What stands after a comma without being a given name."""
MOST_FAMILY: Final = 3
"""Words of a family name at most."""
UNNAMED: Final = re.compile(
    r"(?:(?:un)?named |newborn |twin )?(?:baby|infant|newborn|unnamed)(?: (?:boy|girl|male|female|twin|[ab12]))*|"
    r"(?:male|female|twin)(?: [ab12])?|anonymous|no name|not given|not known|nfn|fnu|lnu"
)
"""What stands where somebody has no name yet, or none that is known."""
MISREAD: Final = re.compile(r"(?<=[a-z])[015]+|[015]+(?=[a-z])")
LETTERS: Final = str.maketrans("015", "ols")
"""No name holds a digit: one beside letters is a letter that a scanner misread."""


def bare(plain: str) -> str:
    """A name in plain words without title and suffix, where anything else is left; empty where it only says that there is none."""
    read = MISREAD.sub(lambda found: found[0].translate(LETTERS), plain)
    return "" if UNNAMED.fullmatch(read) else SUFFIXES.sub("", TITLES.sub("", read))


def by_comma(value: str) -> tuple[str, str] | None:
    """Family and given names of `Lee, Ann`; None where no comma says that the family name stands first."""
    family, _, given = value.partition(",")
    if "," in given or not given.strip() or AFTER_NAMES.fullmatch(given):
        return None
    return (family, given) if len(family.split()) <= MOST_FAMILY else None
