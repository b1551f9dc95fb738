"""What Chinese records say between the lines: a resident id tells birth and sex, a name how it sounds."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.normalising import CJK, by_value, check_character, spelt

RESIDENT: Final = re.compile(
    r"[1-9]\d{5}((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d\d(\d)[\dX]"
)
NAMES: Final = frozenset({"given name", "family name", "full name"})
COMMON: Final = 0.1
"""Share of a name column's values in Chinese characters from which it is compared by sound as well."""


def understood(values: pd.DataFrame, conf: LinkageConf) -> tuple[pd.DataFrame, LinkageConf]:
    """`values` (models.linkage.normalising) with birth and sex as resident ids tell them where nothing else does, and
    `conf` with names in Chinese characters compared by sound as well; both as they are where nothing is Chinese.
    """
    columns = conf.compared
    ids = [name for name, c in columns.items() if c.meaning == "national id"]
    for name in ids:
        told = {v: implied(v) for v in values[name].dropna().unique()}
        for place, meaning in enumerate(("date of birth", "sex")):
            values = _filled(
                values, conf, meaning, values[name].map({v: t[place] for v, t in told.items() if t})
            )
    spoken = {
        name: c.model_copy(update={"sound": True})
        for name, c in columns.items()
        if c.sound is None and c.meaning in NAMES and chinese(values[name])
    }
    return values, conf.comparing({**columns, **spoken})


def implied(number: str) -> tuple[str, str] | None:
    """Birth (yyyymmdd) and sex that a resident id tells; None where it is none or mistyped."""
    read = RESIDENT.fullmatch(number)
    if not read or check_character(number[:17]) != number[17]:
        return None
    return read[1], "m" if int(read[2]) % 2 else "f"


def chinese(values: pd.Series) -> bool:
    """Whether a fair share of a column is written in Chinese characters."""
    known = values.dropna().astype(str)
    return bool(len(known) and known.str.contains(CJK).mean() >= COMMON)


def letters(values: pd.Series) -> pd.Series:
    """Names by the letters of how they sound, in order of the alphabet: homophones, traditional characters, pinyin, and
    characters in each other's place come to one.
    """
    return by_value(spelt(values), lambda v: "".join(sorted(re.sub(r"\W", "", v))))


def _filled(values: pd.DataFrame, conf: LinkageConf, meaning: str, told: pd.Series) -> pd.DataFrame:
    """The first column of a meaning, where it says less, as `told`."""
    name = next((n for n, c in conf.compared.items() if c.meaning == meaning), None)
    if name is None or told.isna().all():
        return values
    known = values[name].str.len() if meaning == "date of birth" else values[name].str.len() + 8
    held = values[name].where(told.isna() | (known >= 8), told)
    return values.assign(**{name: held.astype(object).where(held.notna(), None)})
