"""gold.account_daily: one row per account, booking day, kind, merchant category, direction and currency, and delivery of them.

A roll-up of bookings, made once when they arrive: every window, balance and fee is summed from here, so that
the bookings themselves are read only on the day they are new. Late bookings of an old day come in another
batch or with another known_from and so make a row of their own, which keeps every past day computable as it
was known then. `balances` keeps the balances that the bank stated on that day, for gold.account_balance.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.columns.money import MONEY, money
from jobs.core.job import Append, Job, New
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("account_id", "string", level=3, category="key", meaning="silver.account"),
    column("booked_on", "date", level=2, category="time", meaning="booking date"),
    column("kind", "string", level=3, category="behaviour", meaning="kind of booking, as in silver.transaction"),
    column("merchant_category", "string", level=3, category="behaviour", meaning="as in silver.transaction; '' where no merchant is known"),
    column("direction", "string", level=2, category="behaviour", meaning="credit or debit"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    column("known_from", "date", level=1, category="time", meaning="date on which the bank could know them"),
    column("batch_id", "string", level=1, category="technical", meaning="delivery that brought them"),
    column("transactions", "bigint", level=3, category="behaviour", meaning="number of bookings"),
    column("amount", MONEY, level=4, category="financial", meaning="their sum, not negative"),
    column("balances", f"array<{MONEY}>", level=4, category="financial", meaning="balances stated after them"),
    key=("account_id", "booked_on", "kind", "merchant_category", "direction", "currency", "known_from", "batch_id"),
    subject="account_id",
)  # fmt: skip

NEVER_NULL: Final = ("kind", "merchant_category", "direction", "currency")


def build(transactions: DataFrame) -> DataFrame:
    """Roll the new bookings up; nulls in kind, merchant and currency become '' so that the key is complete."""
    keyed = transactions.withColumns({c: F.coalesce(F.col(c), F.lit("")) for c in NEVER_NULL})
    return keyed.groupBy(*SCHEMA.key).agg(
        F.count("*").alias("transactions"),
        money(F.sum("amount")).alias("amount"),
        F.sort_array(F.collect_set("balance_after")).alias("balances"),
    )


JOB = Job(
    table="gold.account_daily",
    inputs={"transactions": New("silver.transaction")},
    build=build,
    schema=SCHEMA,
    write=Append(),
    grain="one row per account, booking day, kind, merchant category, direction and currency, and delivery of them",
)
