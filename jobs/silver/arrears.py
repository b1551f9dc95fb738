"""silver.arrears: one row per loan and report of arrears."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("loan_id", "string", level=3, category="key", meaning="silver.loan"),
    column("reported_on", "date", level=2, category="time", meaning="day of the report"),
    column("days_past_due", "int", level=4, category="risk", meaning="days past due"),
    column("overdue_amount", "decimal(18,2)", level=4, category="risk", meaning="amount overdue"),
    key=("loan_id", "reported_on"),
    subject="loan_id",
)

JOB = Job(
    table="silver.arrears",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="reported_on"),
    grain="one row per loan and report of arrears",
)
