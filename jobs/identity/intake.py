"""Stewards' decisions as they come in: a CSV or Parquet file, checked row by row before anything is written.

A row says of two records `must_link`, `cannot_link` or `withdraw`, with author, reason and time. A row with an empty
decision was left open. Every problem names its line and the remedy; one problem, and nothing is taken in.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.core.errors import DataRefused, UsageError
from models.matching.decisions import DECISIONS

NEEDED: Final = ("record_l", "record_r", "decision")
COLUMNS: Final = (*NEEDED, "author", "reason", "decided_at")
MOST_TOLD: Final = 20
DEFUSED: Final = "'"


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


class _BadRow(ValueError):  # noqa: N818 - says what it is
    """What is wrong with one row, and the remedy."""


def read(file: Path, *, now: datetime, author: str | None = None, decided_at: str | None = None) -> Intake:
    """The decisions in a file; `author` and `decided_at` stand in where a row leaves them empty.

    Raises UsageError for a file that can't be read, DataRefused where rows are wrong (each named by its line).
    """
    defaults = {"author": author or "", "decided_at": decided_at or ""}
    said: list[Said] = []
    problems: list[str] = []
    left_open = 0
    for line, row in _rows(file):
        if not row["decision"]:
            left_open += 1
            continue
        try:
            said.append(_said(line, {**row, **{k: row.get(k) or v for k, v in defaults.items()}}, now))
        except _BadRow as problem:
            problems.append(f"line {line}: {problem}")
    refuse(file, [*problems, *_repeated(said)])
    return Intake(tuple(said), left_open)


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


def refuse(file: Path, problems: list[str]) -> None:
    """Raises DataRefused where there are problems; nothing was written yet."""
    if problems:
        more = [f"… and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
        told = "\n  ".join([*problems[:MOST_TOLD], *more])
        raise DataRefused(
            f"{file}: nothing was taken in\n  {told}\n", "mend these rows, then import the file again"
        )


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "give the path of a CSV or Parquet file")
    rows = _of_parquet(file) if file.suffix == ".parquet" else _of_csv(file)
    for line, row in rows:
        if missing := [c for c in NEEDED if c not in row]:
            raise UsageError(
                f"{file}: column {missing[0]} is missing", f"its columns are {', '.join(COLUMNS)}"
            )
        yield line, {c: _plain(row.get(c)) for c in COLUMNS}


def _of_csv(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} isn't UTF-8", "save it as CSV UTF-8") from None
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    for row in reader:
        yield reader.line_num, {k: v for k, v in row.items() if k is not None}


def _of_parquet(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        rows = pq.read_table(file).to_pylist()
    except (OSError, pa.ArrowInvalid):
        raise UsageError(f"{file} isn't a Parquet file", "give a CSV or Parquet file") from None
    yield from enumerate(rows, 1)


def _plain(value: Any) -> Any:
    """Text without the blanks around it, and without the apostrophe that defuses formulas in spreadsheets."""
    return value.strip().removeprefix(DEFUSED) if isinstance(value, str) else "" if value is None else value


def _said(line: int, row: Mapping[str, Any], now: datetime) -> Said:
    decision = str(row["decision"]).lower().replace(" ", "_").replace("-", "_")
    if decision not in DECISIONS:
        raise _BadRow(f"decision {row['decision']!r} isn't one of {', '.join(DECISIONS)}")
    for name in ("record_l", "record_r", "author", "reason", "decided_at"):
        if not row[name]:
            remedy = (
                f"fill it in, or give --{name.replace('_', '-')}"
                if name in ("author", "decided_at")
                else "fill it in"
            )
            raise _BadRow(f"{name} is missing; {remedy}")
    low, high = sorted((str(row["record_l"]), str(row["record_r"])))
    if low == high:
        raise _BadRow("a record is compared with itself; name two records")
    return Said(
        line, low, high, decision, str(row["author"]), str(row["reason"]), _instant(row["decided_at"], now)
    )


def _instant(value: Any, now: datetime) -> datetime:
    """An instant in UTC; what names no zone is taken as UTC, a date as its midnight."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is set below
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _BadRow(
            f"decided_at {value!r} is no time; write 2025-12-31 or 2025-12-31T16:30:00+08:00"
        ) from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if found > now:
        raise _BadRow(f"decided_at {found.isoformat()} lies in the future; write when it was decided")
    return found


def _repeated(said: Iterable[Said]) -> Iterator[str]:
    first: dict[str, int] = {}
    for one in said:
        if (line := first.setdefault(one.decision_id, one.line)) != one.line:
            yield f"line {one.line}: the same pair, author and time stand in line {line} already; keep one of them"
