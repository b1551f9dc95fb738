"""silver.area_statistic: one row per area, measure and period."""

from __future__ import annotations

from jobs.core.job import Conformed, Facts, Job
from jobs.core.schema import column
from jobs.silver.canonical import as_mapped, fact

SCHEMA = fact(
    column("area_id", "string", level=1, category="key", meaning="administrative area"),
    column("measure", "string", level=1, category="reference", meaning="what is measured"),
    column("period", "string", level=1, category="reference", meaning="year, or `static`"),
    column("value", "decimal(18,4)", level=1, category="reference", meaning="value"),
    key=("area_id", "measure", "period"),
    personal=False,
)

JOB = Job(
    table="silver.area_statistic",
    inputs={"rows": Conformed()},
    build=as_mapped,
    schema=SCHEMA,
    write=Facts(on="known_from"),
    grain="one row per area, measure and period",
)
