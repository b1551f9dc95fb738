"""Maintenance of tables: small files into large ones, and files that no retained version needs removed."""

from __future__ import annotations

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from jobs.core.errors import UsageError


def optimise(spark: SparkSession, lake: Lake, table: str) -> tuple[int, int]:
    """OPTIMIZE one table: (files removed, files added). Its rows and its notes stay as they are."""
    metrics = _table(spark, lake, table).optimize().executeCompaction().select("metrics.*").collect()[0]
    return int(metrics["numFilesRemoved"]), int(metrics["numFilesAdded"])


def vacuum(spark: SparkSession, lake: Lake, table: str, hours: int) -> None:
    """Remove files older than `hours` that no current version needs; time travel ends there."""
    _table(spark, lake, table).vacuum(float(hours))


def _table(spark: SparkSession, lake: Lake, table: str) -> DeltaTable:
    if lake.version(table) is None:
        raise UsageError(f"there is no table {table}", "see `onebook list`")
    return DeltaTable.forPath(spark, lake.path(table))
