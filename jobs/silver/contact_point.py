"""silver.contact_point: one row per source record and phone or e-mail address, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("contact_point_id", "string", level=2, category="key", meaning="party, kind and rank"),
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column("kind", "string", level=2, category="reference", meaning="mobile, landline or email"),
    column(
        "value",
        "string",
        level=4,
        category="direct_identifier",
        meaning="number or address as delivered",
    ),
    key="contact_point_id",
    subject="party_id",
    restricted=True,
)

JOB = Job(
    table="silver.contact_point",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("contact_point_id",)),
    grain="one row per source record and phone or e-mail address, and change of it",
)
