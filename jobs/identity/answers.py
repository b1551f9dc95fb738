"""A steward's file as it comes in: CSV or Parquet, read row by row before anything is written.

Every problem names its line and the remedy; one problem, and nothing is taken in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.core.errors import DataRefused, UsageError

FOR_ALL: Final = ("author", "decided_at")
"""What may be given for a whole file: for the rows that leave it empty."""
MOST_TOLD: Final = 20
DEFUSED: Final = "'"
Said = TypeVar("Said")


class BadRow(ValueError):  # noqa: N818 - says what it is
    """What is wrong with one row, and the remedy."""


def refuse(file: Path, problems: list[str]) -> None:
    """Raises DataRefused where there are problems; nothing was written yet."""
    if problems:
        more = [f"… and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
        told = "\n  ".join([*problems[:MOST_TOLD], *more])
        raise DataRefused(
            f"{file}: nothing was taken in\n  {told}\n", "mend these rows, then import the file again"
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A file's columns, those it can't be without, and the one that says what is said: empty where a row was left open."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    word: str


@dataclass(frozen=True, slots=True)
class Answers(Generic[Said]):
    """What the rows of a file say, how many were left open, and what is wrong with the others."""

    said: list[Said]
    left_open: int
    problems: list[str]


def read(
    file: Path,
    form: Form,
    instead: Mapping[str, str | None],
    make: Callable[[int, Mapping[str, Any]], Said],
) -> Answers[Said]:
    """Each row by `make` (line, row; it may raise BadRow); `instead` stands in where a row leaves a column empty.

    Raises UsageError for a file that can't be read.
    """
    found: Answers[Said] = Answers([], 0, [])
    left_open = 0
    for line, row in _rows(file, form):
        if not row[form.word]:
            left_open += 1
            continue
        try:
            found.said.append(
                make(line, {k: (instead.get(k) or "") if v == "" else v for k, v in row.items()})
            )
        except BadRow as problem:
            found.problems.append(f"line {line}: {problem}")
    return replace(found, left_open=left_open)


def one_of(value: Any, name: str, words: Sequence[str]) -> str:
    """A word of a file in the book's own spelling. Raises BadRow where it isn't one of `words`."""
    word = str(value).lower().replace(" ", "_").replace("-", "_")
    if word not in words:
        raise BadRow(f"{name} {value!r} isn't one of {', '.join(words)}")
    return word


def require(row: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raises BadRow for the first of the columns that the row leaves empty."""
    for name in names:
        if not row[name]:
            option = f", or give --{name.replace('_', '-')}" if name in FOR_ALL else ""
            raise BadRow(f"{name} is missing; fill it in{option}")


def instant(value: Any, now: datetime) -> datetime:
    """An instant in UTC; what names no zone is taken as UTC, a date as its midnight."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is set below
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise BadRow(
            f"decided_at {value!r} is no time; write 2025-12-31 or 2025-12-31T16:30:00+08:00"
        ) from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if found > now:
        raise BadRow(f"decided_at {found.isoformat()} lies in the future; write when it was decided")
    return found


def _rows(file: Path, form: Form) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, row) for each row of the file (of Parquet the row's number): the form's columns, empty ones as ""."""
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "give the path of a CSV or Parquet file")
    for line, row in _of_parquet(file) if file.suffix == ".parquet" else _of_csv(file):
        if missing := [c for c in form.needed if c not in row]:
            raise UsageError(
                f"{file}: column {missing[0]} is missing", f"its columns are {', '.join(form.columns)}"
            )
        yield line, {c: _plain(row.get(c)) for c in form.columns}


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
