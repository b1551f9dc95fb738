"""gold.interaction_daily: one row per party, day, channel and kind of contact sought, and delivery of them.

A roll-up made once when the events arrive, as gold.account_daily is for bookings.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import Append, Job, New
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("party_id", "string", level=2, category="key", meaning="silver.party"),
    column("occurred_on", "date", level=2, category="time", meaning="business date"),
    column("channel", "string", level=2, category="behaviour", meaning="app, web, branch, atm or call"),
    column("kind", "string", level=2, category="behaviour", meaning="login, transfer, enquiry …"),
    column("known_from", "date", level=1, category="time", meaning="date on which the bank could know them"),
    column("batch_id", "string", level=1, category="technical", meaning="delivery that brought them"),
    column("interactions", "bigint", level=2, category="behaviour", meaning="number of contacts"),
    column("seconds", "bigint", level=2, category="behaviour", meaning="how long they took together"),
    key=("party_id", "occurred_on", "channel", "kind", "known_from", "batch_id"),
    subject="party_id",
)


def build(interactions: DataFrame) -> DataFrame:
    """Roll the new events up; a missing channel or kind becomes '' so that the key is complete."""
    keyed = interactions.withColumns({c: F.coalesce(F.col(c), F.lit("")) for c in ("channel", "kind")})
    return keyed.groupBy(*SCHEMA.key).agg(
        F.count("*").alias("interactions"),
        F.coalesce(F.sum("duration_seconds"), F.lit(0)).cast("bigint").alias("seconds"),
    )


JOB = Job(
    table="gold.interaction_daily",
    inputs={"interactions": New("silver.interaction")},
    build=build,
    schema=SCHEMA,
    write=Append(),
    grain="one row per party, day, channel and kind of contact sought, and delivery of them",
)
