"""gold.corporate_group: one row per corporate group: its members, and what they hold, owe and bring together.

A lender to one member lends to the group: what is owed counts for all of it.
"""

from __future__ import annotations

from pyspark.sql import DataFrame

from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.gold.totals import COLUMNS, totals

SCHEMA = schema(
    column(
        "group_id",
        "string",
        level=2,
        category="key",
        meaning="customer at its head, identity.corporate_group",
    ),
    *COLUMNS,
    key="group_id",
    subject="group_id",
)


def build(corporate_group: DataFrame, value: DataFrame) -> DataFrame:
    """Sums over the members."""
    return totals(corporate_group, value, "group_id")


JOB = Job(
    table="gold.corporate_group",
    inputs={"corporate_group": "identity.corporate_group", "value": "gold.customer_value"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per corporate group, with totals over its members",
)
