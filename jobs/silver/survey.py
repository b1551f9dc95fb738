"""silver.survey: one row per answer to a satisfaction survey."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("survey_id", "string", level=2, category="key", meaning="source and answer key"),
    column("party_id", "string", level=2, category="key", meaning="who"),
    column("answered_on", "date", level=2, category="time", meaning="day"),
    column("kind", "string", level=1, category="reference", meaning="nps or csat"),
    column("score", "int", level=2, category="behaviour", meaning="score on the survey's own scale"),
    key="survey_id",
    subject="party_id",
)

JOB = Job(
    table="silver.survey",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="answered_on"),
    grain="one row per answer to a satisfaction survey",
)
