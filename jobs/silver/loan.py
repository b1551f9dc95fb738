"""silver.loan: one row per loan, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("loan_id", "string", level=3, category="key", meaning="source and contract number"),
    column("party_id", "string", level=2, category="key", meaning="borrower"),
    column("account_id", "string", level=3, category="key", meaning="account it is served from"),
    column("product_id", "string", level=1, category="key", meaning="silver.product"),
    column("granted_on", "date", level=2, category="time", meaning="day of granting"),
    column("amount", "decimal(18,2)", level=4, category="financial", meaning="amount granted"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    column("term_months", "int", level=3, category="financial", meaning="agreed months"),
    column("rate", "decimal(9,6)", level=3, category="financial", meaning="interest per year"),
    column("instalment", "decimal(18,2)", level=4, category="financial", meaning="payment per month"),
    column(
        "status",
        "string",
        level=3,
        category="risk",
        meaning="running, finished, in_debt or written_off; null where not yet known",
    ),
    key="loan_id",
    subject="party_id",
)

JOB = Job(
    table="silver.loan",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("loan_id",)),
    grain="one row per loan, and change of it",
)
