"""What stewards said, in the lake: taken in by one commit that the ledger holds like any delivery, counted and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.cli import output
from jobs.cli.options import Place
from jobs.core import delivered
from jobs.core.errors import UsageError
from jobs.core.ledger import DeliveryEntry
from jobs.core.schema import Schema
from jobs.identity import answers
from jobs.identity.answers import Form, Intake, Word
from jobs.identity.signed import NEW

Author = Annotated[str | None, typer.Option(help="Author of rows that name none.")]
DecidedAt = Annotated[
    str | None, typer.Option("--decided-at", help="Time of rows that name none (ISO 8601).")
]
Status = Annotated[str | None, typer.Option(help="Only those of this status, such as in_force.")]
Rows = Annotated[int, typer.Option(help="At most this many, newest first.", min=0)]
Said = TypeVar("Said", bound=Word)


def standing(where: Place, table: str) -> DataFrame | None:
    """A table as it stands; None where there is none."""
    return where.lake.read(where.spark, table) if where.lake.version(table) is not None else None


def known_records(where: Place, records: Iterable[str]) -> DataFrame:
    """party_id, customer_id and kind of those of the records that the book knows. Raises UsageError where it knows none yet."""
    crosswalk = standing(where, "identity.crosswalk")
    if crosswalk is None:
        raise UsageError("the book knows no records yet", "run `onebook run` first")
    named = crosswalk.join(_column(where, "party_id", records), on="party_id", how="left_semi")
    return named.select("party_id", "customer_id", "kind")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One kind of stewards' words in the lake: its table, schema, form of file, and the columns that are listed."""

    where: Place
    table: str
    schema: Schema
    form: Form
    listed: tuple[str, ...]

    @property
    def key(self) -> str:
        """The column that names a word."""
        return str(self.schema.key[0])

    def fresh(self, said: Iterable[Said]) -> tuple[list[Said], list[str]]:
        """Words that the book doesn't hold, and problems with those that it holds otherwise. An import that was cut off between
        the book and its ledger is entered first.
        """
        delivered.recover(self.where.lake, self.where.ledger, self.where.spark, self.table)
        words, found = list(said), standing(self.where, self.table)
        if found is None:
            return words, []
        same = found.join(_column(self.where, self.key, (one.key for one in words)), self.key, "left_semi")
        told = {r[0]: (r[1], r[2]) for r in same.select(self.key, self.form.word, "reason").collect()}
        return answers.fresh(words, told, self.form)

    def add(self, new: list[Said], about: Callable[[Said], tuple[Any, ...]], file: Path) -> int:
        """Add the words as one commit, `about` giving the columns between key and author; returns the import's number."""
        found, as_of = standing(self.where, self.table), self.where.ledger.latest_as_of()
        assert as_of is not None
        last = found.agg(F.max("batch")).first() if found is not None else None
        batch = int((last[0] if last is not None else None) or 0) + 1
        rows = [(s.key, *about(s), s.author, s.told[1], s.decided_at, as_of, batch, NEW) for s in new]
        frame = self.where.spark.createDataFrame(rows, self.schema.spark)
        entry = self._delivery(new, file, batch, as_of)
        version = self.where.lake.append(frame, self.table, self.schema, delivered.note([entry]))
        self.where.ledger.deliver([replace(entry, version=version)])
        return batch

    def newest(self, said: DataFrame, status: str | None, rows: int) -> list[dict[str, Any]]:
        """At most `rows` words of one status or all, newest first."""
        chosen = said.where(F.col("status") == status) if status else said
        newest = chosen.orderBy(F.desc("batch"), F.desc("decided_at"), self.key).limit(rows)
        return [r.asDict() for r in newest.select(*self.listed, "reason").collect()]

    def draw(self, counts: Mapping[str, int], found: list[dict[str, Any]]) -> None:
        """The list for people."""
        output.facts(counts)
        output.table(self.form.words, self.listed, [tuple(row[n] for n in self.listed) for row in found])

    def _delivery(self, new: list[Said], file: Path, batch: int, as_of: date) -> DeliveryEntry:
        return DeliveryEntry(
            batch_id=f"{self.form.words}-{batch}", table=self.table, business_date=as_of, kind=self.form.words,
            content=answers.content(new), files=[file.name], outcome="taken", taken_as_of=as_of, rows_in=len(new),
            rows_out=len(new),
        )  # fmt: skip


def by_status(words: DataFrame) -> dict[str, int]:
    """How many words there are by status, in its order."""
    return {r["status"]: r["count"] for r in words.groupBy("status").count().orderBy("status").collect()}


def tally(taken: Intake[Said], new: list[Said], statuses: Mapping[str, int]) -> dict[str, int]:
    """What became of a file's rows."""
    return {
        "taken": len(new),
        "known_before": len(taken.said) - len(new),
        "left_open": taken.left_open,
        **statuses,
    }


def say(told: Mapping[str, int]) -> None:
    """The same for people."""
    output.facts(told)
    if told["taken"]:
        output.say("the next `onebook run` obeys what is in force")


def _column(where: Place, name: str, values: Iterable[str]) -> DataFrame:
    """One column of distinct values that people wrote."""
    return where.spark.createDataFrame([(v,) for v in sorted(set(values))], f"{name} string")
