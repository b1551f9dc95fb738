"""silver.complaint: one row per complaint, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("complaint_id", "string", level=2, category="key", meaning="source and complaint key"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column("received_on", "date", level=2, category="time", meaning="day received"),
    column("closed_on", "date", level=2, category="time", meaning="day closed, null while open"),
    column("channel", "string", level=2, category="behaviour", meaning="channel"),
    column("product_id", "string", level=1, category="key", meaning="product complained of"),
    column("cause", "string", level=2, category="behaviour", meaning="cause as the bank recorded it, null where it didn't"),
    column("severity", "int", level=2, category="behaviour", meaning="1 slight … 5 grave"),
    key="complaint_id",
    subject="party_id",
)  # fmt: skip

JOB = Job(
    table="silver.complaint",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("complaint_id",)),
    grain="one row per complaint, and change of it",
)
