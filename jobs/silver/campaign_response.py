"""silver.campaign_response: one row per response to a campaign."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("response_id", "string", level=2, category="key", meaning="source and response key"),
    column("contact_id", "string", level=2, category="key", meaning="silver.campaign_contact"),
    column("campaign_id", "string", level=1, category="key", meaning="silver.campaign"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column("responded_on", "date", level=2, category="time", meaning="day"),
    column(
        "response",
        "string",
        level=2,
        category="behaviour",
        meaning="opened, clicked, converted or declined",
    ),
    column("value", "decimal(18,2)", level=3, category="financial", meaning="value of a conversion"),
    key="response_id",
    subject="party_id",
)

JOB = Job(
    table="silver.campaign_response",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="responded_on"),
    grain="one row per response to a campaign",
)
