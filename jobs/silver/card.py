"""silver.card: one row per card, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("card_id", "string", level=3, category="key", meaning="source and card reference"),
    column("party_id", "string", level=2, category="key", meaning="holder"),
    column("account_id", "string", level=3, category="key", meaning="account behind it"),
    column("product_id", "string", level=1, category="key", meaning="silver.product"),
    column("kind", "string", level=2, category="reference", meaning="credit or debit"),
    column("issued_on", "date", level=2, category="time", meaning="day of issue"),
    column("closed_on", "date", level=2, category="time", meaning="day of closing, null while valid"),
    column("credit_limit", "decimal(18,2)", level=4, category="financial", meaning="limit"),
    column("status", "string", level=2, category="financial", meaning="active, blocked or closed"),
    key="card_id",
    subject="party_id",
)

JOB = Job(
    table="silver.card",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("card_id",)),
    grain="one row per card, and change of it",
)
