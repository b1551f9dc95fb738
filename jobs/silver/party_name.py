"""silver.party_name: one row per source record and its name, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column(
        "full_name",
        "string",
        level=4,
        category="direct_identifier",
        meaning="name as delivered, trimmed",
    ),
    column(
        "family_name",
        "string",
        level=4,
        category="direct_identifier",
        meaning="family name where the source tells it apart",
    ),
    column(
        "given_name",
        "string",
        level=4,
        category="direct_identifier",
        meaning="given name where the source tells it apart",
    ),
    column("latin_name", "string", level=4, category="direct_identifier", meaning="name in Latin letters"),
    key="party_id",
    subject="party_id",
    restricted=True,
)

JOB = Job(
    table="silver.party_name",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("party_id",)),
    grain="one row per source record and its name, and change of it",
)
