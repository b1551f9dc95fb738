"""silver.relationship: one row per directed relationship between two parties, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column(
        "relationship_id",
        "string",
        level=2,
        category="key",
        meaning="source's key, or both parties and kind",
    ),
    column("party_id", "string", level=2, category="key", meaning="from"),
    column("other_party_id", "string", level=2, category="key", meaning="to"),
    column(
        "kind",
        "string",
        level=3,
        category="quasi_identifier",
        meaning="spouse, parent, guarantor, employer, legal_representative or shareholder",
    ),
    column("share", "decimal(9,6)", level=3, category="financial", meaning="share held, 0 … 1"),
    column("starts_on", "date", level=2, category="time", meaning="first day, where the source tells it"),
    column("ends_on", "date", level=2, category="time", meaning="last day; null: none is known"),
    key="relationship_id",
    subject="party_id",
)

JOB = Job(
    table="silver.relationship",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("relationship_id",)),
    grain="one row per directed relationship between two parties, and change of it",
)
