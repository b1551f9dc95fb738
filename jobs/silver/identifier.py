"""silver.identifier: one row per source record and identity document, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("identifier_id", "string", level=2, category="key", meaning="party and scheme"),
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column(
        "scheme",
        "string",
        level=2,
        category="reference",
        meaning="cn.ric, cn.uscc, passport, permit or cz.rc",
    ),
    column(
        "value",
        "string",
        level=5,
        category="direct_identifier",
        meaning="the document's number as delivered",
    ),
    column(
        "verified",
        "boolean",
        level=2,
        category="technical",
        meaning="whether the source saw the document",
    ),
    key="identifier_id",
    subject="party_id",
    restricted=True,
)

JOB = Job(
    table="silver.identifier",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("identifier_id",)),
    grain="one row per source record and identity document, and change of it",
)
