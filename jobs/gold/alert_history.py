"""gold.alert_history: one row per early warning, customer and change: when it was raised, within the budget or not, and
when it ended.

A log of what runs saw: an entry has is_deleted = false and the day on which it was first seen so, an end is_deleted =
true. One pass over a long time sees only its last day: then everything is raised on that day.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import History, Job
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("alert", "string", level=1, category="key", meaning="name in conf/…/alerts"),
    column("level", "string", level=3, category="risk", meaning="notice, warning or alarm"),
    column("within_budget", "boolean", level=3, category="risk", meaning="whether the day's budget reached so far"),
    column("valid_from", "date", level=1, category="time", meaning="business date from which it stood so"),
    column("is_deleted", "boolean", level=1, category="technical", meaning="true where it ended"),
    key=("customer_id", "alert", "valid_from"),
    subject="customer_id",
)  # fmt: skip


def build(*, alerts: DataFrame, as_of: date) -> DataFrame:
    """Today's alerts; the history write keeps their beginnings and ends."""
    dated = {"valid_from": F.lit(as_of), "is_deleted": F.lit(False)}
    return alerts.select("customer_id", "alert", "level", "within_budget").withColumns(dated)


JOB = Job(
    table="gold.alert_history",
    inputs={"alerts": "gold.alert"},
    build=build,
    schema=SCHEMA,
    write=History(key=("customer_id", "alert")),
    grain="one row per early warning, customer and change",
)
