"""How hard Spark is to think before it works: plans over few rows are interpreted, wide rows are taken in by short methods.

Spark writes a program for each plan, and Java compiles it, some half a second of a core for each table: many rows repay
it, those of an ordinary day's extracts never do. For wide rows the program is one method, and one of over 8,000 bytes
Java never compiles: then Spark's other way, an expression a method, is the faster.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import SparkSession

LITTLE: Final = 2_000_000
"""Bytes of a plan's input files, below which it is interpreted."""
INTERPRETED: Final = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}

LONGEST: Final = 8_000
"""Bytes of a method that Java compiles at all (HotSpot's HugeMethodLimit); Spark's own bound is eight times that."""


def fit(spark: SparkSession, size: int | None) -> None:
    """Have the session interpret its plans where their input (bytes; None: unknown) is little."""
    if size is not None and size < LITTLE:
        for name, value in INTERPRETED.items():
            spark.conf.set(name, value)


def keep_short(spark: SparkSession) -> None:
    """Have the session write no method that Java would leave uncompiled."""
    spark.conf.set("spark.sql.codegen.hugeMethodLimit", LONGEST)
