"""silver.campaign: one row per campaign, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("campaign_id", "string", level=1, category="key", meaning="source and campaign code"),
    column("product_id", "string", level=1, category="key", meaning="product offered"),
    column("purpose", "string", level=1, category="reference", meaning="purpose that consent must cover"),
    column("channel", "string", level=1, category="reference", meaning="channel of contact"),
    column("starts_on", "date", level=1, category="time", meaning="first day"),
    column("ends_on", "date", level=1, category="time", meaning="last day"),
    key="campaign_id",
    personal=False,
)

JOB = Job(
    table="silver.campaign",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("campaign_id",)),
    grain="one row per campaign, and change of it",
)
