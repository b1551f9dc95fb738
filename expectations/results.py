"""quality.result: one row per table, rule and business date, with counts and never a value of any row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, DateType, LongType, StringType, StructField, StructType

from expectations.verdict import Verdict


def _field(name: str, type: DataType, meaning: str, *, required: bool = False) -> StructField:
    return StructField(name, type, not required, {"comment": meaning})


TABLE: Final = "quality.result"
KEY: Final = ("table", "rule", "as_of")
SCHEMA: Final = StructType(
    [
        _field("table", StringType(), "table that was judged", required=True),
        _field("rule", StringType(), "short name of the rule in the table's suite", required=True),
        _field("as_of", DateType(), "business date of the run", required=True),
        _field(
            "expectation", StringType(), "expectation type, as Great Expectations names it", required=True
        ),
        _field("action", StringType(), "quarantine, fail or warn", required=True),
        _field("severity", StringType(), "critical, warning or info", required=True),
        _field("rows", LongType(), "rows of the change that the rule was held against", required=True),
        _field(
            "failures", LongType(), "rows that broke it; 0 or 1 for a rule about an aggregate", required=True
        ),
        _field(
            "outcome",
            StringType(),
            "ok, quarantined, warn, fail, or skipped where a reference table is missing",
            required=True,
        ),
        _field("suite", StringType(), "digest of the suite that asked", required=True),
    ]
)


def rows_of(verdict: Verdict, as_of: date) -> list[tuple[str, str, date, str, str, str, int, int, str, str]]:
    """The verdict as rows of SCHEMA, one per rule."""
    return [
        (
            verdict.table,
            r.rule,
            as_of,
            r.type,
            r.action,
            r.severity,
            r.rows,
            r.failures,
            r.outcome,
            verdict.suite,
        )
        for r in verdict.results
    ]


def frame(spark: SparkSession, verdicts: Iterable[Verdict], as_of: date) -> DataFrame:
    """All verdicts of a run as one small frame of SCHEMA, for one append at its end."""
    return spark.createDataFrame([row for v in verdicts for row in rows_of(v, as_of)], SCHEMA)
