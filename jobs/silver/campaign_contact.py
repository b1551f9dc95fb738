"""silver.campaign_contact: one row per party and campaign: contacted, held out, or eligible and not contacted."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("contact_id", "string", level=2, category="key", meaning="source and contact key"),
    column("campaign_id", "string", level=1, category="key", meaning="silver.campaign"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column("assigned_on", "date", level=2, category="time", meaning="day of assignment"),
    column("contacted_on", "date", level=2, category="time", meaning="day of contact, null unless treated"),
    column("channel", "string", level=2, category="behaviour", meaning="channel"),
    column("variant", "string", level=1, category="behaviour", meaning="variant of the message"),
    column("arm", "string", level=2, category="behaviour", meaning="treated, hold_out or not_contacted"),
    column("cost", "decimal(18,2)", level=1, category="financial", meaning="cost of the contact"),
    key="contact_id",
    subject="party_id",
)

JOB = Job(
    table="silver.campaign_contact",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="assigned_on"),
    grain="one row per party and campaign: contacted, held out, or eligible and not contacted",
)
