"""Quarantine tables: rows that a table refused, kept whole and apart, restricted, with a subject to erase them by."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.catalog import Lake
from jobs.core.schema import Schema, column, schema

STEP: Final = "step"
QUARANTINE: Final[Schema] = schema(
    column("table", "string", level=1, category="technical", meaning="table that refused the row"),
    column("step", "string", level=1, category="technical", meaning="piece of work that set it aside"),
    column("batch_id", "string", level=1, category="technical", meaning="delivery the row came in"),
    column("file", "string", level=1, category="technical", meaning="file name within the delivery"),
    column("row", "bigint", level=1, category="technical", meaning="line or row number in the file"),
    column(
        "subject_key", "string", level=4, category="key", meaning="whose row it is: erasure deletes by it"
    ),
    column("reasons", "array<string>", level=2, category="technical", meaning="rules that the row breaks"),
    column("raw", "string", level=5, category="direct_identifier", meaning="the row as it came"),
    column("as_of", "date", level=1, category="time", meaning="business date of the run"),
    key=("table", "step"),
    subject="subject_key",
    restricted=True,
)


def quarantine_table(table: str) -> str:
    """The quarantine of `layer.name`: quarantine.layer_name."""
    return f"quarantine.{table.replace('.', '_')}"


def set_aside(lake: Lake, bad: DataFrame, table: str, step: str) -> None:
    """Write refused rows; `step` identifies the work, so that a repeat replaces its own rows and no others."""
    name = quarantine_table(table)
    rows = bad.withColumn(STEP, F.lit(step))
    where = f"{STEP} = '{step}'" if lake.version(name) is not None else None
    lake.overwrite(rows, name, QUARANTINE, {"step": step}, where)
