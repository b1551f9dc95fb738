"""silver.branch: one row per branch, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("branch_id", "string", level=1, category="key", meaning="source and branch code"),
    column("name", "string", level=1, category="reference", meaning="name"),
    column("area_code", "string", level=1, category="reference", meaning="administrative area"),
    key="branch_id",
    personal=False,
)

JOB = Job(
    table="silver.branch",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("branch_id",)),
    grain="one row per branch, and change of it",
)
