"""silver.card_statement: one row per card and statement."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("card_id", "string", level=3, category="key", meaning="silver.card"),
    column("statement_on", "date", level=2, category="time", meaning="statement date"),
    column("balance", "decimal(18,2)", level=4, category="financial", meaning="amount owed"),
    column("credit_limit", "decimal(18,2)", level=4, category="financial", meaning="limit on that date"),
    column("minimum_due", "decimal(18,2)", level=4, category="financial", meaning="least amount to pay"),
    column(
        "paid_amount",
        "decimal(18,2)",
        level=4,
        category="financial",
        meaning="amount paid on the last statement",
    ),
    key=("card_id", "statement_on"),
    subject="card_id",
)

JOB = Job(
    table="silver.card_statement",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="statement_on"),
    grain="one row per card and statement",
)
