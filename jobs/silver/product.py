"""silver.product: one row per product of the catalogue, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("product_id", "string", level=1, category="key", meaning="source and product code"),
    column("name", "string", level=1, category="reference", meaning="name"),
    column(
        "family",
        "string",
        level=1,
        category="reference",
        meaning="deposit, loan, card, fund, insurance or wealth",
    ),
    column("margin", "decimal(9,6)", level=2, category="reference", meaning="yearly margin on the balance"),
    column("fee", "decimal(18,2)", level=1, category="reference", meaning="yearly fee"),
    column("risk_level", "int", level=1, category="reference", meaning="1 … 5"),
    column("min_age", "int", level=1, category="reference", meaning="youngest eligible age"),
    column("max_age", "int", level=1, category="reference", meaning="oldest eligible age"),
    column(
        "min_income",
        "decimal(18,2)",
        level=1,
        category="reference",
        meaning="lowest eligible income per year",
    ),
    column("on_sale", "boolean", level=1, category="reference", meaning="whether it may be sold"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    key="product_id",
    personal=False,
)

JOB = Job(
    table="silver.product",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("product_id",)),
    grain="one row per product of the catalogue, and change of it",
)
