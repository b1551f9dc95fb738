"""A job: a frozen record around a pure function that builds one table (or the few one computation gives)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conf.bank import Bank
from jobs.core.schema import Schema

Schedule = Literal["daily", "monthly"]
TOUCHED: Final = "_key"
"""The column of a frame of touched keys."""
MOVED: Final = "_moved"
"""Beside TOUCHED, what moved the key: a row of its own (CHANGED), a value of `via` that it bears, which with the
changed rows may have come to be borne by too many or by few enough (CROWDING), or no more than a value shared (NEAR)."""
NEAR, CROWDING, CHANGED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class New:
    """An input read as changes only: the rows added to `table` since this job last consumed it.

    The first run, and a rebuild, see every row. Only append-only tables can be read so.
    """

    table: str


@dataclass(frozen=True, slots=True)
class Conformed:
    """An input made of every source contract's mapping into the job's own (silver) table.

    Rows are those newly delivered or newly known at the business date, in canonical columns.
    """


@dataclass(frozen=True, slots=True)
class IfAny:
    """An input that may not exist yet (scores before the first training): an empty frame stands in."""

    table: str


@dataclass(frozen=True, slots=True)
class Touched:
    """An input of which only the keys that changed matter, for a Snapshot whose rows each follow from one key.

    The build sees, of every Touched input, the rows of each key (`by`) that any of them saw change since the last
    run; keys that share a value of `via` with a changed row are touched as well. The first column of the
    job's own key holds `by`. A first run, a rebuild, and a change of code, configuration or of any other
    input see everything. Where `via` is an array, each of its values counts; `most` tells how many rows may share
    a value: one that more unchanged rows bear touches nobody. Where `by` isn't the key itself, `owner` is the Touched
    input that tells whose it is: a row there of each `by`, beside the key that it is followed by. A build that names
    `keys` is given the touched keys (columns TOUCHED and, unless they are widened, MOVED), or None where it sees everything.
    """

    table: str
    by: str
    via: str | None = None
    most: Callable[[Bank], int] | None = None
    owner: str | None = None


Input = str | New | Conformed | IfAny | Touched


@dataclass(frozen=True, slots=True)
class Widened:
    """For rows that follow from several keys together: which others must be made anew with the touched ones.

    `of` is called with `keys` (TOUCHED) and, for each name in `inputs`, that table as it stands; it returns all keys,
    the touched ones among them. The tables are the job's own Touched inputs or outputs.
    """

    inputs: Mapping[str, str]
    of: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Append:
    """Add the built rows; used with `New` inputs, exactly once for each input version."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Append-only facts by the schema's key: the same fact again is deduplicated, another content under a
    known key is quarantined. `on` is the event date that prunes the look-up of known keys.
    """

    on: str


@dataclass(frozen=True, slots=True)
class Versions:
    """Append-only versions of entities: `key` + valid_from; a version equal to its predecessor is
    deduplicated. The last version by (valid_from, known_from) is the current state.
    """

    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The current state, by the schema's key; equal content commits nothing.

    `followed`: another job reads it as Touched, so a commit must change only the rows that differ. Otherwise the
    files that were staged may take the place of those that stand, which costs nothing.
    """

    followed: bool = False


@dataclass(frozen=True, slots=True)
class AsOf:
    """Dated rows: those of the run's business date replace any earlier ones of that date; other dates stay.
    The schema has a column `as_of`, set by the build.
    """


@dataclass(frozen=True, slots=True)
class History:
    """A dated log of a state: build returns the whole current state by `key`; rows that differ from the
    last entry are appended with valid_from = as_of; a key that is gone gets a closing row (is_deleted).
    """

    key: tuple[str, ...]


LOGS: Final = (AsOf, History)
"""What holds a row for what each date saw."""
Write = Append | Facts | Versions | Snapshot | AsOf | History


@dataclass(frozen=True, slots=True)
class Output:
    """A further table of the same computation: its schema and how it is written."""

    schema: Schema
    write: Write


@dataclass(frozen=True, slots=True)
class Job:
    """What a table is made of.

    build is called with one DataFrame for each name in `inputs` and, where its signature names them,
    with `as_of` (date), `bank` (conf.bank.Bank, the frozen configuration), `spark` (to make literal
    frames), `model` (the champion of `model`, or None) and `champions` (name → champion of each of
    `watches` that has one). It returns a DataFrame, or for `also` tables a
    dict from table name to DataFrame. It reads nothing else and writes nothing.
    """

    table: str
    inputs: Mapping[str, Input]
    build: Callable[..., Any]
    schema: Schema
    write: Write
    grain: str
    also: Mapping[str, Output] = field(default_factory=dict)
    schedule: Schedule = "daily"
    model: str | None = None
    watches: tuple[str, ...] = ()
    widened: Widened | None = None

    @property
    def outputs(self) -> dict[str, Output]:
        """Every table this job owns, its own first."""
        return {self.table: Output(self.schema, self.write), **self.also}

    @property
    def input_tables(self) -> dict[str, str]:
        """Argument name → table, without conformed inputs (whose tables are the bank's)."""
        return {
            n: i if isinstance(i, str) else i.table
            for n, i in self.inputs.items()
            if not isinstance(i, Conformed)
        }
