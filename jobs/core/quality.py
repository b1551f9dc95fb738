"""quality.result: the gates' verdicts, kept by table, rule and business date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pyspark.sql import SparkSession

from expectations import results
from expectations.verdict import Verdict
from jobs.core.catalog import Lake
from jobs.core.schema import Schema, column, schema

TABLE: Final = "quality.result"
RESULT: Final[Schema] = schema(
    column("table", "string", level=1, category="technical", meaning="table that was judged"),
    column("rule", "string", level=1, category="technical", meaning="rule of the table's suite"),
    column("as_of", "date", level=1, category="time", meaning="business date of the run"),
    column("expectation", "string", level=1, category="technical", meaning="Great Expectations' type"),
    column("action", "string", level=1, category="technical", meaning="quarantine, fail or warn"),
    column("severity", "string", level=1, category="technical", meaning="critical, warning or info"),
    column("rows", "bigint", level=1, category="technical", meaning="rows of the change it was held against"),
    column("failures", "bigint", level=1, category="technical", meaning="rows that broke it"),
    column(
        "outcome", "string", level=1, category="technical", meaning="ok, quarantined, warn, fail or skipped"
    ),
    column("suite", "string", level=1, category="technical", meaning="digest of the suite that asked"),
    key=("table", "rule", "as_of"),
    personal=False,
)


def record(lake: Lake, spark: SparkSession, verdicts: Sequence[Verdict], as_of: date) -> None:
    """Write a run's verdicts as one commit; a table judged again on the same date replaces what was said of it."""
    if not verdicts:
        return
    last = {v.table: v for v in verdicts}
    rows = results.frame(spark, last.values(), as_of)
    if lake.version(TABLE) is None:
        lake.append(rows, TABLE, RESULT, {})
        return
    tables = ", ".join(f"'{t}'" for t in sorted(last))
    lake.overwrite(rows, TABLE, RESULT, {}, f"as_of = DATE'{as_of.isoformat()}' AND table IN ({tables})")
