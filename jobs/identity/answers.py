"""A steward's file as it comes in: CSV or Parquet, read row by row before anything is written.

Every problem names its line and the remedy; one problem, and nothing is taken in.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.core.errors import DataRefused, UsageError

SIGNED: Final = ("author", "reason", "decided_at")
FOR_ALL: Final = ("author", "decided_at")
"""What may be given for a whole file: for the rows that leave it empty."""
MOST_TOLD: Final = 20
DEFUSED: Final = "'"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
BEYOND: Final = "beyond the header"
"""Where the cells of a row go that no column of the header is of."""


class Word(Protocol):
    """One filled-in row: `line` of the file (row number of a Parquet file), `key` the same for what one author says of one thing
    at one moment, `told` what was said and why.
    """

    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def author(self) -> str: ...  # noqa: D102
    @property
    def decided_at(self) -> datetime: ...  # noqa: D102
    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def told(self) -> tuple[str, str]: ...  # noqa: D102


Said = TypeVar("Said", bound=Word)


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
    """A file of `words` (decisions …) about one `thing` a row, told apart by `parts`.

    `needed`: the columns that it can't be without, beside which it may have SIGNED; `word`: the one that says what is said, empty
    where a row was left open.
    """

    words: str
    thing: str
    parts: str
    needed: tuple[str, ...]
    word: str

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns."""
        return (*self.needed, *SIGNED)


@dataclass(frozen=True, slots=True)
class Intake(Generic[Said]):
    """A checked file: what was said, and how many rows were left open."""

    said: tuple[Said, ...]
    left_open: int


def read(
    file: Path,
    form: Form,
    make: Callable[[int, Mapping[str, Any]], Said],
    *,
    author: str | None = None,
    decided_at: str | None = None,
) -> Intake[Said]:
    """Each row by `make` (line, row; it may raise BadRow); `author` and `decided_at` stand in where a row leaves them empty.

    Raises UsageError for a file that can't be read, DataRefused where rows are wrong (each named by its line).
    """
    instead = {"author": author or "", "decided_at": decided_at or ""}
    said: list[Said] = []
    problems: list[str] = []
    left_open = 0
    for line, row in _rows(file, form):
        try:
            _require_cells(row)
            if not row[form.word]:
                left_open += 1
                continue
            said.append(make(line, {k: instead.get(k, v) if v == "" else v for k, v in row.items()}))
        except BadRow as problem:
            problems.append(f"line {line}: {problem}")
    refuse(file, [*problems, *_repeated(said, form)])
    return Intake(tuple(said), left_open)


def fresh(
    said: Iterable[Said], known: Mapping[str, tuple[str, str]], form: Form
) -> tuple[list[Said], list[str]]:
    """Rows not taken in before, and problems: `known` maps the book's keys to what they tell."""
    all_said = list(said)
    new = [one for one in all_said if one.key not in known]
    return new, [
        f"line {one.line}: {one.author} said something else of this {form.thing} at that very time; {form.words} are never "
        "changed afterwards: give the new one a later decided_at"
        for one in all_said
        if known.get(one.key, one.told) != one.told
    ]


def content(said: Iterable[Word]) -> str:
    """A hash of what was said, whatever the order of the rows."""
    rows = sorted("|".join((one.key, *one.told)) for one in said)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def key_of(*parts: str) -> str:
    """A Word's key."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def no_record(line: int, record: str) -> str:
    """The problem of a row that names a record which the book doesn't know."""
    return (
        f"line {line}: the book has no record {record!r}; records are named `source|key`, as in "
        "identity.crosswalk.party_id"
    )


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


def _repeated(said: Iterable[Word], form: Form) -> Iterator[str]:
    first: dict[str, int] = {}
    for one in said:
        if (line := first.setdefault(one.key, one.line)) != one.line:
            yield (
                f"line {one.line}: the same {form.parts}, author and time stand in line {line} already; "
                "keep one of them"
            )


def _rows(file: Path, form: Form) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, row) for each row of the file (of Parquet the row's number): the form's columns, empty ones as ""."""
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "give the path of a CSV or Parquet file")
    for line, row in _of_parquet(file) if file.suffix == ".parquet" else _of_csv(file):
        if missing := [c for c in form.needed if c not in row]:
            raise UsageError(
                f"{file}: column {missing[0]} is missing", f"its columns are {', '.join(form.columns)}"
            )
        yield line, {c: _plain(row.get(c)) for c in form.columns} | {BEYOND: row.get(BEYOND, "")}


def _of_csv(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} isn't UTF-8", "save it as CSV UTF-8") from None
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey=BEYOND)
    for row in reader:
        yield reader.line_num, {**row, BEYOND: "".join(row.get(BEYOND, ())).strip()}


def _of_parquet(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        rows = pq.read_table(file).to_pylist()
    except (OSError, pa.ArrowInvalid):
        raise UsageError(f"{file} isn't a Parquet file", "give a CSV or Parquet file") from None
    yield from enumerate(rows, 1)


def _require_cells(row: Mapping[str, Any]) -> None:
    if row[BEYOND]:
        raise BadRow("more cells than the header has; put a value that holds the separator in quotes")


def defused(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return DEFUSED + text if text.startswith(FORMULA) else text


def _plain(value: Any) -> Any:
    """Text without the blanks around it, and as it was before it was `defused`."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = value.strip()
    bare = text.removeprefix(DEFUSED)
    return bare if bare.startswith(FORMULA) else text
