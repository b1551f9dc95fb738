"""gold.household: one row per household of customers: its members, and what they hold, owe and bring together."""

from __future__ import annotations

from pyspark.sql import DataFrame

from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.totals import COLUMNS, totals

SCHEMA = schema(
    column(
        "household_id", "string", level=2, category="key", meaning="customer at its head, identity.household"
    ),
    *COLUMNS,
    key="household_id",
    subject="household_id",
)


def build(household: DataFrame, value: DataFrame) -> DataFrame:
    """Sums over the members."""
    return totals(household, value, "household_id")


JOB = Job(
    table="gold.household",
    inputs={"household": "identity.household", "value": "gold.customer_value"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per household of customers, with totals over its members",
)
