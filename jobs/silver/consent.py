"""silver.consent: one row per party, purpose and channel, and change of it."""

from __future__ import annotations

from jobs.core.job import Conformed, Job, Versions
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, entity

SCHEMA = entity(
    column("consent_id", "string", level=2, category="key", meaning="source's consent key"),
    column("party_id", "string", level=2, category="key", meaning="who consented"),
    column(
        "purpose",
        "string",
        level=2,
        category="preference",
        meaning="marketing, profiling or third_party",
    ),
    column("channel", "string", level=2, category="preference", meaning="sms, call, email, app or any"),
    column(
        "granted",
        "boolean",
        level=2,
        category="preference",
        meaning="true where given, false where refused or withdrawn",
    ),
    column(
        "version",
        "string",
        level=1,
        category="reference",
        meaning="version of the text that was agreed to",
    ),
    column("granted_on", "date", level=2, category="time", meaning="day of the decision"),
    column(
        "expires_on",
        "date",
        level=2,
        category="time",
        meaning="last day on which it counts, null without end",
    ),
    key="consent_id",
    subject="party_id",
)

JOB = Job(
    table="silver.consent",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Versions(key=("consent_id",)),
    grain="one row per party, purpose and channel, and change of it",
)
