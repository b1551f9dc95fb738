"""silver.suitability: one row per party and risk questionnaire, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("party_id", "string", level=2, category="key", meaning="investor"),
    column("risk_level", "int", level=3, category="risk", meaning="1 cautious … 5 aggressive"),
    column("assessed_on", "date", level=2, category="time", meaning="day of the questionnaire"),
    column("expires_on", "date", level=2, category="time", meaning="last day on which it counts"),
    column(
        "dual_recorded",
        "boolean",
        level=2,
        category="risk",
        meaning="whether the sale was audio- and video-recorded",
    ),
    key="party_id",
    subject="party_id",
)

JOB = Job(
    table="silver.suitability",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("party_id",)),
    grain="one row per party and risk questionnaire, and change of it",
)
