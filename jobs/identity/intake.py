"""Stewards' decisions as they come in: a CSV or Parquet file, checked row by row before anything is written.

A row says of two records `must_link`, `cannot_link` or `withdraw`, with author, reason and time. A row with an empty
decision was left open. Every problem names its line and the remedy; one problem, and nothing is taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from jobs.identity import answers
from jobs.identity.answers import SIGNED, BadRow, Form, Intake, instant, key_of, no_record, one_of, require
from models.matching.decisions import DECISIONS

FORM: Final = Form("decisions", "pair", "pair", ("record_l", "record_r", "decision"), "decision")


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
    def key(self) -> str:
        """The same for the same author, pair and moment."""
        return key_of(self.record_l, self.record_r, self.author, self.decided_at.isoformat())

    @property
    def told(self) -> tuple[str, str]:
        """What was said."""
        return self.decision, self.reason


def read(
    file: Path, *, now: datetime, author: str | None = None, decided_at: str | None = None
) -> Intake[Said]:
    """The decisions in a file, as `answers.read` reads it."""
    return answers.read(file, FORM, partial(_said, now=now), author=author, decided_at=decided_at)


def unknown(said: Iterable[Said], kinds: Mapping[str, str]) -> Iterator[str]:
    """Problems with records: `kinds` maps each record of the book to person or organisation."""
    for one in said:
        missing = [r for r in (one.record_l, one.record_r) if r not in kinds]
        if missing:
            yield no_record(one.line, missing[0])
        elif kinds[one.record_l] != kinds[one.record_r]:
            yield f"line {one.line}: one record is a person, the other an organisation; take the row out"


def _said(line: int, row: Mapping[str, Any], now: datetime) -> Said:
    decision = one_of(row["decision"], "decision", DECISIONS)
    require(row, ("record_l", "record_r", *SIGNED))
    low, high = sorted((str(row["record_l"]), str(row["record_r"])))
    if low == high:
        raise BadRow("a record is compared with itself; name two records")
    decided_at = instant(row["decided_at"], now)
    return Said(line, low, high, decision, str(row["author"]), str(row["reason"]), decided_at)
