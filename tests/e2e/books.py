"""Whole books in this process's Spark session: extracts, runs, and tables to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.cli.book import Ask, Outcome, run_day
from jobs.cli.options import Place
from jobs.core.ledger import Entry
from jobs.registry import registry


@dataclass(frozen=True)
class Book:
    """A bank's book at a folder, run in the test's own session."""

    where: Place

    def run(self, as_of: date, **asked: object) -> Outcome:
        """One run of the whole graph."""
        return run_day(self.where, as_of, Ask(registry().jobs, **asked), lambda _: None)  # type: ignore[arg-type]

    def table(self, name: str) -> DataFrame:
        """A table as it stands."""
        return self.where.lake.read(self.where.spark, name)

    def versions(self) -> dict[str, int | None]:
        """Every table's version."""
        return {t: self.where.lake.version(t) for t in self.where.lake.tables()}


def open_book(spark: SparkSession, bank: str, extracts: Path, lake: Path) -> Book:
    """A book whose commands use the test's session instead of one of their own."""
    where = Place(bank, str(extracts), str(lake), ())
    where.__dict__["spark"] = spark  # cached_property: the process has one session
    return Book(where)


def sound(entries: Iterable[Entry]) -> list[str]:
    """What went wrong, in words; empty where all is well."""
    return [f"{e.table}: {e.message}" for e in entries if e.outcome in ("failed", "refused")]


def differing(left: DataFrame, right: DataFrame) -> int:
    """Rows that stand in one frame and not in the other, counted with their multiplicity."""
    columns = left.columns
    sides = left.withColumn("_side", F.lit(1)).unionByName(right.withColumn("_side", F.lit(-1)))
    told = [F.to_json(c).alias(c) if _is_nested(left, c) else F.col(c) for c in columns]
    return (
        sides.select(*told, "_side").groupBy(*columns).agg(F.sum("_side").alias("n")).where("n != 0").count()
    )


def _is_nested(frame: DataFrame, column: str) -> bool:
    return frame.schema[column].dataType.typeName() in ("array", "struct", "map")
