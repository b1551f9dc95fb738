"""silver.employee: one row per member of staff, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("employee_id", "string", level=2, category="key", meaning="source and staff number"),
    column("branch_id", "string", level=1, category="key", meaning="silver.branch"),
    column("role", "string", level=1, category="reference", meaning="manager, teller, adviser …"),
    key="employee_id",
    subject="employee_id",
)

JOB = Job(
    table="silver.employee",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("employee_id",)),
    grain="one row per member of staff, and change of it",
)
