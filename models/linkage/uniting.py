"""Columns that say one thing apart made one: sources write names whole or in parts, and name their columns as they like.

Two columns of one meaning that no record fills both of are one column. A full name where others have given and family
name is taken apart by the words that those know, and where nobody has them by the column itself (models.linkage.naming); an address in parts is put
together where others have it whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import pandas as pd

from conf.linkage import ColumnConf, LinkageConf
from models.linkage.naming import taken_apart
from models.linkage.normalising import CJK, street

BOTH: Final = 0.02
"""Share of the rarer column's records up to which two may both be filled and still stand for one another."""
RARE: Final = 0.02
"""Share of the records at which a middle name isn't worth a column."""
PARTS: Final = ("unit", "house number", "street")
PLACES: Final = ("town", "region", "postcode", "country")


def united(values: pd.DataFrame, conf: LinkageConf) -> tuple[pd.DataFrame, LinkageConf]:
    """`values` (models.linkage.normalising) and `conf` with such columns as one; as they are where levels are configured,
    for those name columns by their place.
    """
    columns = conf.compared
    if any(c.levels or c.meaning.startswith("encoded") for c in columns.values()):
        return values, conf
    for step in (_same_meaning, _names, _whole_names, _addresses):
        values, columns = step(values, columns)
    return values, conf.comparing(columns)


Table = tuple[pd.DataFrame, dict[str, ColumnConf]]


def _same_meaning(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> Table:
    for one, other in combinations(list(columns), 2):
        alike = one in values and other in values and columns[one] == columns[other]
        if alike and _apart(values[one], values[other]):
            values = values.assign(**{one: values[one].fillna(values[other])}).drop(columns=other)
    return _as_held(values), {name: columns[name] for name in values.columns}


def _apart(one: pd.Series, other: pd.Series) -> bool:
    """Whether the one is there where the other isn't."""
    fewer = min(one.notna().sum(), other.notna().sum())
    return bool(fewer and (one.notna() & other.notna()).sum() <= BOTH * fewer)


def _names(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> Table:
    """Full names as given and family names, where other records have these."""
    whole, given, family = (_only(columns, m) for m in ("full name", "given name", "family name"))
    if not (whole and given and family and _apart(values[whole], values[family])):
        return values, columns
    middle = _only(columns, "middle name")
    known = set(values[given].dropna()), set(values[family].dropna())
    last = _given_last(values[whole], known[0])
    parts = {v: parted(v, known, given_last=last) for v in values[whole].dropna().unique()}
    filled = {
        name: values[name].fillna(values[whole].map({v: part[i] for v, part in parts.items()}))
        for i, name in enumerate((given, middle, family))
        if name
    }
    return _without(values.assign(**filled), columns, [whole])


def _whole_names(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> Table:
    """Full names as given, middle and family names where nothing else knows these and records are of people, not of works."""
    whole, meanings = _only(columns, "full name"), {c.meaning for c in columns.values()}
    if not whole or meanings & {"given name", "middle name", "family name", "text"}:
        return values, columns
    parts = taken_apart(values[whole])
    if parts is None:
        return values, columns
    kept = [p for p in parts if parts[p].notna().mean() > RARE]
    at = list(values).index(whole)
    told = {f"{whole}: {p}": columns[whole].model_copy(update={"meaning": f"{p} name"}) for p in kept}
    named = parts[kept].set_axis([*told], axis=1)
    made = pd.concat([values.iloc[:, :at], named, values.iloc[:, at + 1 :]], axis=1)
    return made, {name: told.get(name) or columns[name] for name in made}


def _given_last(names: pd.Series, given: set[str]) -> bool:
    words = names.dropna().str.split()
    return bool(words.str[-1].isin(given).mean() > words.str[0].isin(given).mean())


def parted(
    name: str, known: tuple[set[str], set[str]], *, given_last: bool
) -> tuple[str | None, str | None, str | None]:
    """Given, middle and family name of a full one: split where most of both halves is `known` (given, family), else
    the family name is one word.
    """
    words = name.split() if " " in name or not CJK.search(name) else [name[1:], name[0]]
    words = [*words[1:], words[0]] if given_last and len(words) > 1 and not CJK.search(name) else words
    if len(words) < 2:
        return None, None, name
    cuts = range(len(words) - 1, 0, -1)
    at = max(cuts, key=lambda i: (words[0] in known[0]) + 2 * (" ".join(words[i:]) in known[1]))
    return words[0], " ".join(words[1:at]) or None, " ".join(words[at:])


def _addresses(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> Table:
    """Addresses in parts as whole ones, where other records have these; a part that those have beside it stays."""
    whole, line = _only(columns, "full address"), _only(columns, "street")
    if not (whole and line and _apart(values[whole], values[line])):
        return values, columns
    parts = [n for m in (*PARTS, *PLACES) for n, c in columns.items() if c.meaning == m]
    gone = [n for n in parts if columns[n].meaning in PARTS or _apart(values[whole], values[n])]
    joined = values[gone].fillna("").agg(" ".join, axis=1).map(street).where(values[line].notna(), None)
    return _without(values.assign(**{whole: values[whole].fillna(joined)}), columns, gone)


def _only(columns: dict[str, ColumnConf], meaning: str) -> str | None:
    """The one column of a meaning; None where there is none or several."""
    found: Iterator[str] = (name for name, c in columns.items() if c.meaning == meaning)
    first = next(found, None)
    return first if next(found, None) is None else None


def _without(values: pd.DataFrame, columns: dict[str, ColumnConf], gone: list[str]) -> Table:
    return _as_held(values.drop(columns=gone)), {n: c for n, c in columns.items() if n not in gone}


def _as_held(values: pd.DataFrame) -> pd.DataFrame:
    """What is missing is None, as everywhere."""
    return values.astype(object).where(values.notna(), None)
