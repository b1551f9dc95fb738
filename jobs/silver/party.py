"""silver.party: one row per source record of a person or organisation, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("sex", "string", level=3, category="quasi_identifier", meaning="F or M, null where unknown"),
    column("birth_date", "date", level=3, category="quasi_identifier", meaning="date of birth of a person"),
    column("nationality", "string", level=2, category="quasi_identifier", meaning="ISO 3166 country code"),
    column(
        "marital_status",
        "string",
        level=3,
        category="quasi_identifier",
        meaning="single, married, divorced or widowed",
    ),
    column(
        "education",
        "string",
        level=2,
        category="quasi_identifier",
        meaning="highest education as coded by the source's map",
    ),
    column("occupation", "string", level=3, category="quasi_identifier", meaning="occupation"),
    column(
        "industry",
        "string",
        level=2,
        category="quasi_identifier",
        meaning="industry of an organisation or of a person's employer",
    ),
    column(
        "annual_income",
        "decimal(18,2)",
        level=4,
        category="financial",
        meaning="declared income per year, bank's currency",
    ),
    column(
        "area_code",
        "string",
        level=2,
        category="quasi_identifier",
        meaning="administrative area of residence or registration",
    ),
    column("kyc_status", "string", level=3, category="risk", meaning="valid, expired or missing"),
    column(
        "kyc_expires_on",
        "date",
        level=2,
        category="time",
        meaning="day on which the identity document or review expires",
    ),
    column(
        "customer_since",
        "date",
        level=2,
        category="time",
        meaning="first day of the relationship as the source states it",
    ),
    column("manager_id", "string", level=2, category="key", meaning="relationship manager, silver.employee"),
    column("branch_id", "string", level=2, category="key", meaning="branch in charge, silver.branch"),
    key="party_id",
    subject="party_id",
)

JOB = Job(
    table="silver.party",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("party_id",)),
    grain="one row per source record of a person or organisation, and change of it",
)
