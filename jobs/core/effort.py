"""How hard Spark is to think before it works: plans over few rows are interpreted.

Spark writes a program for each plan, and Java compiles it, some half a second of a core for each table: many rows repay
it, those of an ordinary day's extracts never do.
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


def fit(spark: SparkSession, size: int | None) -> None:
    """Have the session interpret its plans where their input (bytes; None: unknown) is little."""
    if size is not None and size < LITTLE:
        for name, value in INTERPRETED.items():
            spark.conf.set(name, value)
