"""Staging: a built frame is written once to Parquet, marked with its faults and measured in the same pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from expectations.gate import Suite
from expectations.marks import named
from expectations.measures import FAULTS
from jobs.core import storage
from jobs.core.catalog import STAGING, Lake
from jobs.core.errors import BuildError
from jobs.core.schema import Schema
from jobs.core.target import content

HASH: Final = "_content"
PENDING: Final = "_pending"
SUM: Final = "_sum_"
TRACE: Final = ("_file", "_row")


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows on disk, with what was measured while they were written. `rows` = kept + bad; pending apart."""

    frame: DataFrame
    uri: str
    metrics: Mapping[str, Any]
    pending: int

    @property
    def rows(self) -> int:
        """Rows staged, good and bad."""
        return int(self.metrics["rows"])

    @property
    def kept(self) -> int:
        """Rows without a fault."""
        return int(self.metrics["rows_kept"])

    @property
    def good(self) -> DataFrame:
        """The rows that may be committed."""
        return self.frame.where(F.size(FAULTS) == 0).drop(FAULTS)

    @property
    def is_whole(self) -> bool:
        """Whether the files hold the table's columns and the good rows alone, but for the empty list of faults."""
        return self.kept == self.rows and not any(c in self.frame.columns for c in TRACE)

    @property
    def bad(self) -> DataFrame:
        """The rows for quarantine, with their faults."""
        return self.frame.where(F.size(FAULTS) > 0)

    @property
    def hash(self) -> str:
        """An order-free digest of the good rows' content."""
        return f"{int(self.metrics[HASH] or 0) & (2**64 - 1):016x}"

    @property
    def sums(self) -> dict[str, str]:
        """Sums of the money columns over the good rows, as decimal text."""
        found = {k.removeprefix(SUM): v for k, v in self.metrics.items() if k.startswith(SUM)}
        return {k: str(v) for k, v in found.items() if v is not None}


def stage(
    frame: DataFrame, lake: Lake, table: str, schema: Schema, suite: Suite, as_of: date, *, known_only: bool
) -> Staged:
    """Hold a frame against its schema, mark faults, and write it below the lake's staging area.

    `known_only` leaves out, and counts, rows that aren't known at the close of `as_of`.
    Raises BuildError where a column of the schema lacks or has a type that can't become the declared one.
    """
    uri = storage.join(lake.uri, STAGING, *table.split("."))
    storage.remove(uri)
    waiting = Observation()
    if known_only:
        later = F.col("known_from") > F.lit(as_of)
        frame = frame.observe(waiting, F.count_if(later).alias(PENDING)).where(
            ~F.coalesce(later, F.lit(False))
        )
    marked = _marked(_shaped(frame, table, schema), schema, suite)
    seen = Observation()
    marked.observe(seen, *suite.observations(), *_measures(schema)).write.mode("overwrite").parquet(uri)
    read = frame.sparkSession.read.schema(marked.schema).parquet(uri)
    return Staged(read, uri, seen.get, int(waiting.get[PENDING]) if known_only else 0)


def _shaped(frame: DataFrame, table: str, schema: Schema) -> DataFrame:
    """The schema's columns in its order and types, and the trace columns that the frame carries."""
    if missing := [n for n in schema.names if n not in frame.columns]:
        raise BuildError(f"{table}: the build lacks the columns {', '.join(missing)}")
    unknown = [c for c in frame.columns if c not in schema.names and c not in (*TRACE, FAULTS)]
    if unknown:
        raise BuildError(f"{table}: the build has columns that the schema lacks: {', '.join(unknown)}")
    extra = [c for c in (*TRACE, FAULTS) if c in frame.columns]
    typed = [F.col(f.name).cast(f.dataType).alias(f.name) for f in schema.spark.fields]
    return frame.select(*typed, *extra)


def _marked(frame: DataFrame, schema: Schema, suite: Suite) -> DataFrame:
    null_keys = named(F.when(F.col(k).isNull(), F.lit(f"null_{k}")) for k in schema.key)
    earlier = [F.col(FAULTS)] if FAULTS in frame.columns else []
    return frame.withColumn(FAULTS, F.array_distinct(F.concat(*earlier, null_keys, suite.row_faults())))


def _measures(schema: Schema) -> list[Column]:
    kept = F.size(FAULTS) == 0
    money = [f.name for f in schema.spark.fields if isinstance(f.dataType, DecimalType)]
    told = F.when(kept, content(schema.names))
    return [F.bit_xor(told).alias(HASH), *(F.sum(F.when(kept, F.col(m))).alias(SUM + m) for m in money)]
