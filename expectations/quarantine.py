"""Quarantine: rows that a table refuses, kept raw and apart, with the reasons and a key to erase them by.

Grain: one row per refused row of a table and batch. `raw` holds the row as it came, personal data and all:
the table is restricted. The runner writes it; nothing downstream reads it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from expectations.measures import FAULTS

SCHEMA: Final = StructType.fromDDL(
    "table STRING NOT NULL COMMENT 'table that refused the row', "
    "batch_id STRING COMMENT 'delivery the row came in', "
    "file STRING COMMENT 'file name within the delivery, null above bronze', "
    "row BIGINT COMMENT 'line or row number in the file, null above bronze', "
    "subject_key STRING COMMENT 'whose row it is: erasure deletes by it', "
    "reasons ARRAY<STRING> NOT NULL COMMENT 'names of the rules that the row breaks', "
    "raw STRING COMMENT 'the row as it came: the raw line, or its columns as JSON', "
    "as_of DATE NOT NULL COMMENT 'business date of the run'"
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
        _either(names, "batch_id", "_batch_id").cast("string").alias("batch_id"),
        _either(names, "file", "_file").cast("string").alias("file"),
        _either(names, "row", "_row").cast("bigint").alias("row"),
        (F.expr(subject) if subject else F.lit(None)).cast("string").alias("subject_key"),
        F.col(faults).alias("reasons"),
        raw.cast("string").alias("raw"),
        F.lit(as_of).cast("date").alias("as_of"),
    )


def _either(names: set[str], *wanted: str) -> Column:
    return next((F.col(n) for n in wanted if n in names), F.lit(None))
