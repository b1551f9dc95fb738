"""silver.transaction: one row per booking on an account."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("transaction_id", "string", level=2, category="key", meaning="source and booking key"),
    column("account_id", "string", level=3, category="key", meaning="silver.account"),
    column("booked_on", "date", level=2, category="time", meaning="booking date"),
    column("direction", "string", level=2, category="behaviour", meaning="credit or debit"),
    column("amount", "decimal(18,2)", level=4, category="financial", meaning="amount, not negative"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    column(
        "kind",
        "string",
        level=3,
        category="behaviour",
        meaning="salary, pension, transfer_in, transfer_out, cash_in, cash_out, card, fee, interest, penalty, loan, insurance, household, invest or other",
    ),
    column("channel", "string", level=2, category="behaviour", meaning="channel, null where unknown"),
    column(
        "merchant_category",
        "string",
        level=3,
        category="behaviour",
        meaning="what the merchant paid by card sells, as the source contract groups it (groceries, dining, travel …); null where none is known",
    ),
    column(
        "balance_after",
        "decimal(18,2)",
        level=4,
        category="financial",
        meaning="balance after the booking, where delivered",
    ),
    key="transaction_id",
    subject="account_id",
)

JOB = Job(
    table="silver.transaction",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="booked_on"),
    grain="one row per booking on an account",
)
