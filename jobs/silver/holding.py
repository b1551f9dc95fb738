"""silver.holding: one row per party and contract (account, loan, card, fund …) with its role, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("holding_id", "string", level=2, category="key", meaning="party, contract and role"),
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column("account_id", "string", level=3, category="key", meaning="the contract's id"),
    column("product_id", "string", level=1, category="key", meaning="silver.product"),
    column("role", "string", level=2, category="reference", meaning="owner, joint or user"),
    column("opened_on", "date", level=2, category="time", meaning="first day"),
    column("closed_on", "date", level=2, category="time", meaning="last day, null while it runs"),
    key="holding_id",
    subject="party_id",
)

JOB = Job(
    table="silver.holding",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("holding_id",)),
    grain="one row per party and contract (account, loan, card, fund …) with its role, and change of it",
)
