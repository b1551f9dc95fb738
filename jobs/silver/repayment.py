"""silver.repayment: one row per instalment of a loan, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("repayment_id", "string", level=2, category="key", meaning="loan and instalment number"),
    column("loan_id", "string", level=3, category="key", meaning="silver.loan"),
    column("due_on", "date", level=2, category="time", meaning="day due"),
    column("due_amount", "decimal(18,2)", level=4, category="financial", meaning="amount due"),
    column("paid_on", "date", level=2, category="time", meaning="day paid, null while unpaid"),
    column("paid_amount", "decimal(18,2)", level=4, category="financial", meaning="amount paid"),
    key="repayment_id",
    subject="loan_id",
)

JOB = Job(
    table="silver.repayment",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("repayment_id",)),
    grain="one row per instalment of a loan, and change of it",
)
