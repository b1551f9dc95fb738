"""silver.complaint_text: one row per complaint and its words, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("complaint_id", "string", level=2, category="key", meaning="source and complaint key"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column(
        "text",
        "string",
        level=4,
        category="direct_identifier",
        meaning="what the customer wrote or said",
    ),
    key="complaint_id",
    subject="party_id",
    restricted=True,
)

JOB = Job(
    table="silver.complaint_text",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("complaint_id",)),
    grain="one row per complaint and its words, and change of it",
)
