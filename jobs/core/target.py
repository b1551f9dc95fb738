"""What a write is told and what it decides: the table to bring up to date, and the plan of one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.core.catalog import Lake
from jobs.core.contents import last_day
from jobs.core.schema import Schema


@dataclass(frozen=True, slots=True)
class Target:
    """The table to write: where, as declared, and whether to start it over.

    `keys` (column TOUCHED): only rows whose first key column is among them were built; the others stand.
    `files`: a folder of Parquet files with just the staged rows, where the lake may take them as they are.
    """

    lake: Lake
    table: str
    schema: Schema
    as_of: date
    rebuild: bool = False
    keys: DataFrame | None = None
    files: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing stands there that the write must respect."""
        return self.rebuild or self.lake.version(self.table) is None

    def existing(self, rows: DataFrame) -> DataFrame:
        """The table as it stands; a column that the schema has gained since reads as null."""
        standing = self.lake.state(rows.sparkSession, self.table)
        gained = [c for c in self.schema.columns if c.name not in standing.columns]
        return (
            standing.withColumns({c.name: F.lit(None).cast(c.type) for c in gained}) if gained else standing
        )

    def is_before(self, column: str) -> bool:
        """Whether the log's statistics say that every row is of a date before the run's."""
        last = last_day(self.lake.path(self.table), column)
        return last is not None and last < self.as_of

    def is_light(self, rows: DataFrame, most: int) -> bool:
        """Whether the table takes at most so many bytes and the lake may write it by files."""
        size = self.lake.size(rows.sparkSession, self.table)
        return size is not None and size <= most and self.lake.takes_files(self.table, self.schema)

    def reshaped(self, rows: DataFrame) -> bool:
        """Whether the schema has gained or changed columns since the table was written."""
        return self.lake.state(rows.sparkSession, self.table).dtypes != [
            (f.name, f.dataType.simpleString()) for f in self.schema.spark.fields
        ]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a write will commit. `rows` None commits nothing; `conflicts` go to quarantine.

    `whole`: the rows are all that were staged, so their files may be taken as they are.
    """

    rows: DataFrame | None
    whole: bool = False
    deduplicated: int = 0
    conflicts: DataFrame | None = None
    conflicting: int = 0
    merge: bool = False
    anew: bool = False
    where: str | None = None


def content(columns: Sequence[str]) -> Column:
    """A 64-bit hash of a row's content, and of which columns are empty.

    Spark's hash passes over nulls: by values alone one that moves to the next column would be no change.
    """
    return F.xxhash64(*(F.col(c) for c in columns), *(F.col(c).isNull() for c in columns))
