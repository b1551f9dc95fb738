"""silver.watch_list: one row per entry of a sanctions, PEP or internal list, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("entry_id", "string", level=2, category="key", meaning="list and entry"),
    column("list", "string", level=2, category="reference", meaning="sanctions, pep or internal"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("full_name", "string", level=4, category="direct_identifier", meaning="name as listed"),
    column("birth_date", "date", level=3, category="quasi_identifier", meaning="date of birth as listed"),
    column("scheme", "string", level=2, category="reference", meaning="scheme of the identifier"),
    column(
        "identifier",
        "string",
        level=5,
        category="direct_identifier",
        meaning="document number as listed",
    ),
    key="entry_id",
    subject="entry_id",
    restricted=True,
)

JOB = Job(
    table="silver.watch_list",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("entry_id",)),
    grain="one row per entry of a sanctions, PEP or internal list, and change of it",
)
