"""silver.credit_standing: one row per party and report of a credit bureau."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("party_id", "string", level=2, category="key", meaning="the bureau's own record"),
    column("reported_on", "date", level=2, category="time", meaning="day of the report"),
    column("score", "int", level=4, category="risk", meaning="bureau score, higher is better"),
    column("lenders", "int", level=4, category="risk", meaning="number of lenders"),
    column("total_debt", "decimal(18,2)", level=4, category="risk", meaning="debt at all lenders"),
    column("months_overdue", "int", level=4, category="risk", meaning="months overdue in the last 24"),
    column("over_indebted", "boolean", level=4, category="risk", meaning="the bureau's own flag"),
    key=("party_id", "reported_on"),
    subject="party_id",
)

JOB = Job(
    table="silver.credit_standing",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="reported_on"),
    grain="one row per party and report of a credit bureau",
)
