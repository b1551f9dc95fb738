"""silver.account: one row per account, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("account_id", "string", level=3, category="key", meaning="source and account number"),
    column("product_id", "string", level=1, category="key", meaning="silver.product"),
    column("branch_id", "string", level=1, category="key", meaning="silver.branch"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    column("opened_on", "date", level=2, category="time", meaning="day of opening"),
    column("closed_on", "date", level=2, category="time", meaning="day of closing, null while open"),
    column("status", "string", level=2, category="financial", meaning="open, closed or dormant"),
    key="account_id",
    subject="account_id",
)

JOB = Job(
    table="silver.account",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("account_id",)),
    grain="one row per account, and change of it",
)
