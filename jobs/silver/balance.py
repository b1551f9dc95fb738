"""silver.balance: one row per account, date and kind of balance."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("account_id", "string", level=3, category="key", meaning="contract"),
    column("balance_on", "date", level=2, category="time", meaning="date of the balance"),
    column("kind", "string", level=1, category="reference", meaning="closing, market_value or outstanding"),
    column(
        "balance",
        "decimal(18,2)",
        level=4,
        category="financial",
        meaning="balance, negative when overdrawn",
    ),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    key=("account_id", "balance_on", "kind"),
    subject="account_id",
)

JOB = Job(
    table="silver.balance",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="balance_on"),
    grain="one row per account, date and kind of balance",
)
