"""Quarantine: rows that a table refuses, kept raw and apart, with the reasons and a key to erase them by.

Grain: one row per refused row of a table and batch. `raw` holds the row as it came, personal data and all:
the table is restricted. The runner writes it; nothing downstream reads it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DateType, LongType, StringType, StructField, StructType

from expectations.measures import FAULTS


def _field(name: str, type: DataType, meaning: str, *, required: bool = False) -> StructField:
    return StructField(name, type, not required, {"comment": meaning})


SCHEMA: Final = StructType(
    [
        _field("table", StringType(), "table that refused the row", required=True),
        _field("batch_id", StringType(), "delivery the row came in"),
        _field("file", StringType(), "file name within the delivery, null above bronze"),
        _field("row", LongType(), "line or row number in the file, null above bronze"),
        _field("subject_key", StringType(), "whose row it is: erasure deletes by it"),
        _field("reasons", ArrayType(StringType()), "names of the rules that the row breaks", required=True),
        _field("raw", StringType(), "the row as it came: the raw line, or its columns as JSON"),
        _field("as_of", DateType(), "business date of the run", required=True),
    ]
)
RAW: Final = ("_raw", "raw")  # columns in which bronze keeps the line itself


def split(marked: DataFrame, faults: str = FAULTS) -> tuple[DataFrame, DataFrame]:
    """(good, bad): good without the faults column, bad with it; each row of `marked` is in exactly one.

    Reads `marked` twice: give it staged rows.
    """
    good = F.size(F.coalesce(faults, F.array().cast("array<string>"))) == 0
    return marked.where(good).drop(faults), marked.where(~good)


def refused(
    bad: DataFrame, table: str, as_of: date, *, subject: str | None, faults: str = FAULTS
) -> DataFrame:
    """Bad rows (with their faults) in the quarantine's SCHEMA; `subject` is SQL or a column name, or None."""
    names = set(bad.columns)
    rest = [c for c in bad.columns if c != faults]
    raw = next((F.col(c) for c in RAW if c in names), F.to_json(F.struct(*rest)))
    return bad.select(
        F.lit(table).alias("table"),
        _either(names, "batch_id", "_batch").cast("string").alias("batch_id"),
        _either(names, "file", "_file").cast("string").alias("file"),
        _either(names, "row", "_row").cast("bigint").alias("row"),
        (F.expr(subject) if subject else F.lit(None)).cast("string").alias("subject_key"),
        F.col(faults).alias("reasons"),
        raw.cast("string").alias("raw"),
        F.lit(as_of).cast("date").alias("as_of"),
    )


def _either(names: set[str], *wanted: str) -> Column:
    return next((F.col(n) for n in wanted if n in names), F.lit(None))
