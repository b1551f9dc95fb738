"""Stewards' corrections of golden values as they come in: a CSV or Parquet file, checked row by row before anything is written.

A row says of a record's customer that an attribute is `value` (`set`), that it never is (`reject`), or takes back what was said
(`withdraw`; without a value all that was said of the attribute), with author, reason and time. A row with an empty
correction was left open. Problems name lines, never values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from conf.wording import near
from jobs.identity import answers
from jobs.identity.answers import BadRow, Form, instant, one_of, require
from jobs.identity.candidates import ADDRESS, ATTRIBUTES
from jobs.identity.correction import CORRECTIONS, WITHDRAW

NEEDED: Final = ("record", "attribute", "correction", "value")
FORM: Final = Form((*NEEDED, "author", "reason", "decided_at"), NEEDED, "correction")
REVIEWED: Final = "kyc"
"""What no steward says: the bank's own review of who its customers are."""
CORRECTABLE: Final = tuple(a for a in ATTRIBUTES if a != REVIEWED)


@dataclass(frozen=True, slots=True)
class Said:
    """One filled-in row: `line` of the file (row number of a Parquet file), time in UTC; value None: of all values."""

    line: int
    party_id: str
    attribute: str
    correction: str
    value: str | None
    author: str
    reason: str
    decided_at: datetime

    @property
    def correction_id(self) -> str:
        """The same for the same author, record, attribute, value and moment."""
        parts = (self.party_id, self.attribute, self.value or "", self.author, self.decided_at.isoformat())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    @property
    def told(self) -> tuple[str, str]:
        """What was said."""
        return self.correction, self.reason


@dataclass(frozen=True, slots=True)
class Intake:
    """A checked file: what was said, and how many rows were left open."""

    said: tuple[Said, ...]
    left_open: int


def read(file: Path, *, now: datetime, author: str | None = None, decided_at: str | None = None) -> Intake:
    """The corrections in a file; `author` and `decided_at` stand in where a row leaves them empty.

    Raises UsageError for a file that can't be read, DataRefused where rows are wrong (each named by its line).
    """
    instead = {"author": author, "decided_at": decided_at}
    found = answers.read(file, FORM, instead, partial(_said, now=now))
    answers.refuse(file, [*found.problems, *_repeated(found.said)])
    return Intake(tuple(found.said), found.left_open)


def unknown(said: Iterable[Said], records: Collection[str]) -> Iterator[str]:
    """Problems with records: `records` are those that the book knows."""
    for one in said:
        if one.party_id not in records:
            yield (
                f"line {one.line}: the book has no record {one.party_id!r}; records are named `source|key`, as in "
                "identity.crosswalk.party_id"
            )


def fresh(said: Iterable[Said], known: Mapping[str, tuple[str, str]]) -> tuple[list[Said], list[str]]:
    """Rows not taken in before, and problems: `known` maps correction ids of the book to what they say."""
    new = [one for one in said if one.correction_id not in known]
    changed = [one for one in said if one.correction_id in known and known[one.correction_id] != one.told]
    return new, [
        f"line {one.line}: {one.author} said something else of this value at that very time; corrections are never "
        "changed afterwards: give the new one a later decided_at"
        for one in changed
    ]


def content(said: Iterable[Said]) -> str:
    """A hash of what was said, whatever the order of the rows."""
    rows = sorted(f"{one.correction_id}|{one.correction}|{one.reason}" for one in said)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _said(line: int, row: Mapping[str, Any], now: datetime) -> Said:
    correction = one_of(row["correction"], "correction", CORRECTIONS)
    require(row, ("record", "attribute", "author", "reason", "decided_at"))
    attribute = _attribute(str(row["attribute"]))
    value = None if row["value"] == "" else str(row["value"])
    if value is None and correction != WITHDRAW:
        raise BadRow(f"value is missing; say which one to {correction}")
    if value is not None and attribute == "address":
        value = _address(value)
    decided_at = instant(row["decided_at"], now)
    return Said(
        line,
        str(row["record"]),
        attribute,
        correction,
        value,
        str(row["author"]),
        str(row["reason"]),
        decided_at,
    )


def _attribute(word: str) -> str:
    if word == REVIEWED:
        raise BadRow(
            f"{REVIEWED} is the bank's own review, which no steward corrects; mend it in the system that states it"
        )
    if word not in CORRECTABLE:
        raise BadRow(
            f"{word!r} is no golden attribute; {near(word, CORRECTABLE, 'see docs/golden-record.md')}"
        )
    return word


def _address(value: str) -> str:
    """An address as the book writes one."""
    try:
        parts = json.loads(value)
    except ValueError:
        parts = None
    parts = {n: v for n, v in parts.items() if v not in (None, "")} if isinstance(parts, dict) else {}
    plain = all(isinstance(v, str | int) for v in parts.values())
    if not parts or not plain or not parts.keys() <= set(ADDRESS):
        raise BadRow(
            f'an address is JSON with any of {", ".join(ADDRESS)}, such as {{"city": …, "street": …}}'
        )
    return json.dumps({name: str(parts[name]) for name in ADDRESS if name in parts}, ensure_ascii=False)


def _repeated(said: Iterable[Said]) -> Iterator[str]:
    first: dict[str, int] = {}
    for one in said:
        if (line := first.setdefault(one.correction_id, one.line)) != one.line:
            yield (
                f"line {one.line}: the same record, attribute, value, author and time stand in line {line} already; "
                "keep one of them"
            )
