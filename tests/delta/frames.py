"""Small tables for the tests of writing: rows as tuples, schemas as one line."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from jobs.core.catalog import Lake
from jobs.core.job import Write
from jobs.core.schema import Schema, column, schema
from jobs.core.target import Target
from jobs.core.writing import commit, plan

D1, D2, D3 = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)
STATE = schema(
    column("id", "string", level=1, category="key", meaning="id"),
    column("v", "int", level=1, category="reference", meaning="value"),
    key="id",
    personal=False,
)


def dated_schema(key: tuple[str, ...], *more: str) -> Schema:
    """key `id` (and more), value `v`, the provenance that silver tables have."""
    columns = [
        column("id", "string", level=1, category="key", meaning="id"),
        column("v", "int", level=1, category="reference", meaning="value"),
        column("valid_from", "date", level=1, category="time", meaning="valid from"),
        column("known_from", "date", level=1, category="time", meaning="known from"),
        column("batch_id", "string", level=1, category="technical", meaning="batch"),
        column("is_deleted", "boolean", level=1, category="technical", meaning="gone"),
    ]
    return schema(*columns, key=key, personal=False)


def rows(spark: SparkSession, made: Schema, *values: tuple[object, ...]) -> DataFrame:
    """A frame of the schema from tuples."""
    return spark.createDataFrame(list(values), made.spark)


def write(
    lake: Lake,
    table: str,
    made: Schema,
    mode: Write,
    frame: DataFrame,
    as_of: date,
    *,
    rebuild: bool = False,
    files: str | None = None,
) -> tuple[int | None, int, int]:
    """Plan and commit. Returns (version or None, deduplicated, conflicting).

    With `files` the rows are first written there, and the lake may take the files themselves.
    """
    if files is not None:
        frame.write.mode("overwrite").parquet(files)
        frame = frame.sparkSession.read.schema(made.spark).parquet(files)
    target = Target(lake, table, made, as_of, rebuild=rebuild, files=files)
    planned = plan(mode, frame, frame.count(), target)
    return commit(planned, target, {"test": True}), planned.deduplicated, planned.conflicting


def stands(spark: SparkSession, lake: Lake, table: str, *columns: str) -> list[tuple[object, ...]]:
    """The table's rows, sorted."""
    return sorted((tuple(r) for r in lake.read(spark, table).select(*columns).collect()), key=repr)
