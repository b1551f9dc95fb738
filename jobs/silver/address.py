"""silver.address: one row per source record and postal address, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("address_id", "string", level=2, category="key", meaning="party and kind"),
    column("party_id", "string", level=2, category="key", meaning="source and the source's own customer key"),
    column("kind", "string", level=2, category="reference", meaning="home, work or registered"),
    column("region", "string", level=3, category="direct_identifier", meaning="province or region"),
    column("city", "string", level=3, category="direct_identifier", meaning="city"),
    column("district", "string", level=3, category="direct_identifier", meaning="district"),
    column("street", "string", level=4, category="direct_identifier", meaning="street, house and flat"),
    column("postcode", "string", level=3, category="direct_identifier", meaning="postcode"),
    key="address_id",
    subject="party_id",
    restricted=True,
)

JOB = Job(
    table="silver.address",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("address_id",)),
    grain="one row per source record and postal address, and change of it",
)
