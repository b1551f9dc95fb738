"""silver.order: one row per order for a product."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("order_id", "string", level=2, category="key", meaning="source and order key"),
    column(
        "party_id",
        "string",
        level=2,
        category="key",
        meaning="who ordered; null where only the account is known",
    ),
    column("account_id", "string", level=3, category="key", meaning="account"),
    column("product_id", "string", level=1, category="key", meaning="product, null for standing orders"),
    column("ordered_on", "date", level=2, category="time", meaning="day of the order, or first day known"),
    column("kind", "string", level=2, category="behaviour", meaning="subscribe, redeem or standing"),
    column("amount", "decimal(18,2)", level=4, category="financial", meaning="amount"),
    column(
        "dual_recorded",
        "boolean",
        level=2,
        category="risk",
        meaning="whether the sale was recorded, null where not required",
    ),
    key="order_id",
    subject="party_id",
)

JOB = Job(
    table="silver.order",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="ordered_on"),
    grain="one row per order for a product",
)
