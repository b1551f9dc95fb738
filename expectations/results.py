"""quality.result: one row per table, rule and business date, with counts and never a value of any row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from expectations.verdict import Verdict

TABLE: Final = "quality.result"
KEY: Final = ("table", "rule", "as_of")
SCHEMA: Final = StructType.fromDDL(
    "table STRING NOT NULL COMMENT 'table that was judged', "
    "rule STRING NOT NULL COMMENT 'short name of the rule in the table''s suite', "
    "as_of DATE NOT NULL COMMENT 'business date of the run', "
    "expectation STRING NOT NULL COMMENT 'expectation type, as Great Expectations names it', "
    "action STRING NOT NULL COMMENT 'quarantine, fail or warn', "
    "severity STRING NOT NULL COMMENT 'critical, warning or info', "
    "rows BIGINT NOT NULL COMMENT 'rows of the change that the rule was held against', "
    "failures BIGINT NOT NULL COMMENT 'rows that broke it; 0 or 1 for a rule about an aggregate', "
    "outcome STRING NOT NULL COMMENT 'ok, quarantined, warn, fail, or skipped where a reference table is missing', "
    "suite STRING NOT NULL COMMENT 'digest of the suite that asked'"
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
