"""silver.interaction: one row per contact that a party sought with the bank."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("interaction_id", "string", level=2, category="key", meaning="source and event key"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column("occurred_at", "timestamp", level=3, category="time", meaning="instant, UTC"),
    column("occurred_on", "date", level=2, category="time", meaning="business date"),
    column("channel", "string", level=2, category="behaviour", meaning="app, web, branch, atm or call"),
    column("kind", "string", level=2, category="behaviour", meaning="login, transfer, enquiry …"),
    column("duration_seconds", "int", level=2, category="behaviour", meaning="how long it took"),
    key="interaction_id",
    subject="party_id",
)

JOB = Job(
    table="silver.interaction",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="occurred_on"),
    grain="one row per contact that a party sought with the bank",
)
