"""gold.segment_history: one row per segment, customer and entry or exit.

A log of what runs saw: an entry has is_deleted = false and the day it was first seen, an exit is_deleted =
true. jobs.columns.spans.spells reads it as stays with entered_on and left_on. One pass over a long time sees
only its last day: then everybody enters on that day.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import History, Job
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("segment", "string", level=1, category="key", meaning="name in conf/…/segments"),
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("valid_from", "date", level=1, category="time", meaning="business date of the entry or exit"),
    column("is_deleted", "boolean", level=1, category="technical", meaning="true where the customer left"),
    key=("segment", "customer_id", "valid_from"),
    subject="customer_id",
)


def build(*, members: DataFrame, as_of: date) -> DataFrame:
    """Today's membership; the history write keeps entries and exits."""
    dated = {"valid_from": F.lit(as_of), "is_deleted": F.lit(False)}
    return members.select("segment", "customer_id").withColumns(dated)


JOB = Job(
    table="gold.segment_history",
    inputs={"members": "gold.segment_member"},
    build=build,
    schema=SCHEMA,
    write=History(key=("segment", "customer_id")),
    grain="one row per segment, customer and entry or exit",
)
