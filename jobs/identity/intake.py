"""Stewards' decisions as they come in: a CSV or Parquet file, checked row by row before anything is written.

A row says of two records `must_link`, `cannot_link` or `withdraw`, with author, reason and time. A row with an empty
decision was left open. Every problem names its line and the remedy; one problem, and nothing is taken in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from jobs.identity import answers
from jobs.identity.answers import BadRow, Form, instant, one_of, require
from models.matching.decisions import DECISIONS

NEEDED: Final = ("record_l", "record_r", "decision")
FORM: Final = Form((*NEEDED, "author", "reason", "decided_at"), NEEDED, "decision")


@dataclass(frozen=True, slots=True)
class Said:
    """One filled-in row: `line` of the file (row number of a Parquet file), records in order, time in UTC."""

    line: int
    record_l: str
    record_r: str
    decision: str
    author: str
    reason: str
    decided_at: datetime

    @property
    def decision_id(self) -> str:
        """The same for the same author, pair and moment."""
        key = f"{self.record_l}\0{self.record_r}\0{self.author}\0{self.decided_at.isoformat()}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]

    @property
    def told(self) -> tuple[str, str]:
        """What was said."""
        return self.decision, self.reason


@dataclass(frozen=True, slots=True)
class Intake:
    """A checked file: what was said, and how many rows were left open."""

    said: tuple[Said, ...]
    left_open: int


def read(file: Path, *, now: datetime, author: str | None = None, decided_at: str | None = None) -> Intake:
    """The decisions in a file; `author` and `decided_at` stand in where a row leaves them empty.

    Raises UsageError for a file that can't be read, DataRefused where rows are wrong (each named by its line).
    """
    instead = {"author": author, "decided_at": decided_at}
    found = answers.read(file, FORM, instead, partial(_said, now=now))
    answers.refuse(file, [*found.problems, *_repeated(found.said)])
    return Intake(tuple(found.said), found.left_open)


def unknown(said: Iterable[Said], kinds: Mapping[str, str]) -> Iterator[str]:
    """Problems with records: `kinds` maps each record of the book to person or organisation."""
    for one in said:
        missing = [r for r in (one.record_l, one.record_r) if r not in kinds]
        if missing:
            yield (
                f"line {one.line}: the book has no record {missing[0]!r}; records are named `source|key`, as in "
                "identity.crosswalk.party_id"
            )
        elif kinds[one.record_l] != kinds[one.record_r]:
            yield f"line {one.line}: one record is a person, the other an organisation; take the row out"


def fresh(said: Iterable[Said], known: Mapping[str, tuple[str, str]]) -> tuple[list[Said], list[str]]:
    """Rows not taken in before, and problems: `known` maps decision ids of the book to what they say."""
    new = [one for one in said if one.decision_id not in known]
    changed = [one for one in said if one.decision_id in known and known[one.decision_id] != one.told]
    return new, [
        f"line {one.line}: {one.author} said something else of this pair at that very time; decisions are never "
        "changed afterwards: give the new one a later decided_at"
        for one in changed
    ]


def content(said: Iterable[Said]) -> str:
    """A hash of what was said, whatever the order of the rows."""
    rows = sorted(f"{one.decision_id}|{one.decision}|{one.reason}" for one in said)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _said(line: int, row: Mapping[str, Any], now: datetime) -> Said:
    decision = one_of(row["decision"], "decision", DECISIONS)
    require(row, ("record_l", "record_r", "author", "reason", "decided_at"))
    low, high = sorted((str(row["record_l"]), str(row["record_r"])))
    if low == high:
        raise BadRow("a record is compared with itself; name two records")
    decided_at = instant(row["decided_at"], now)
    return Said(line, low, high, decision, str(row["author"]), str(row["reason"]), decided_at)


def _repeated(said: Iterable[Said]) -> Iterator[str]:
    first: dict[str, int] = {}
    for one in said:
        if (line := first.setdefault(one.decision_id, one.line)) != one.line:
            yield f"line {one.line}: the same pair, author and time stand in line {line} already; keep one of them"
