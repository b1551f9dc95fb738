"""gold.segment_member: one row per segment valid today and customer in it.

A state, computed from today's profile and scores alone: when somebody entered stands in
gold.segment_history, so that a rebuild of this table gives the same rows on any path.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.segments import SegmentsConf, SegmentSpec
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.core.scores import SCORE_COLUMNS, TARGETING, scored
from jobs.gold import customer_profile

SCHEMA = schema(
    column("segment", "string", level=1, category="key", meaning="name in conf/…/segments"),
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("definition", "string", level=1, category="technical", meaning="hash of the segment's definition"),
    key=("segment", "customer_id"),
    subject="customer_id",
)


def build(*, profile: DataFrame, bank: Bank, as_of: date, **scores: DataFrame) -> DataFrame:
    """Members of every segment valid on `as_of`, in one pass over the customers."""
    conf = bank.section("segments", SegmentsConf)
    conf.check(readable())
    rows = scored(profile, as_of=as_of, **scores)
    return members(rows, conf.on(as_of))


def readable() -> set[str]:
    """Columns that a segment's predicate may read."""
    return {*customer_profile.SCHEMA.names, *SCORE_COLUMNS}


def members(rows: DataFrame, segments: dict[str, SegmentSpec]) -> DataFrame:
    """(segment, customer_id, definition) for each predicate that is true; an unknown answer is a no."""
    each = [F.when(F.expr(s.where), _entry(name, s)) for name, s in segments.items()]
    entries = F.array(*each).cast("array<struct<segment:string,definition:string>>")
    found = F.filter(entries, lambda e: e.isNotNull())
    return rows.select("customer_id", F.inline(found)).select(*SCHEMA.names)


def _entry(name: str, spec: SegmentSpec) -> Column:
    return F.struct(F.lit(name).alias("segment"), F.lit(spec.definition).alias("definition"))


JOB = Job(
    table="gold.segment_member",
    inputs={"profile": "gold.customer_profile", **TARGETING},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per segment valid today and customer in it",
)
