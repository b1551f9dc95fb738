"""identity.decision: one row per thing that a steward said of two records, and whether it is in force.

`onebook steward import` alone adds rows (jobs/identity/intake.py); this job reads its own table and only brings the
statuses up to date, so that no rebuild can lose what people decided. identity.contradiction lists the cannot-links
that a chain of must-links opposes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.core.job import IfAny, Job, Output, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from jobs.identity.signed import SIGNATURE, status
from models.matching.decisions import IN_FORCE, Contradiction, Decision, judged

JUDGED_TYPE: Final = "decision_id string, status string, path array<string>, held array<string>"
JUDGED_SCHEMA: Final = pa.schema(
    [
        ("decision_id", pa.string()),
        ("status", pa.string()),
        ("path", pa.list_(pa.string())),
        ("held", pa.list_(pa.string())),
    ]
)
SAID: Final = ("decision_id", "record_l", "record_r", "decision", "author", "decided_at", "batch")
SCHEMA = schema(
    column("decision_id", "string", level=1, category="key", meaning="hash of pair, author and time"),
    column("record_l", "string", level=2, category="key", meaning="the lower record id"),
    column("record_r", "string", level=2, category="key", meaning="the higher record id"),
    column("decision", "string", level=2, category="reference", meaning="must_link, cannot_link or withdraw"),
    *SIGNATURE,
    status(
        "in_force, held_back (contradicted), replaced, withdrawn, done (a withdrawal), new (before the next run)"
    ),
    key="decision_id",
    subject="record_l",
    restricted=True,
)
CONTRADICTION = schema(
    column("decision_id", "string", level=1, category="key", meaning="the cannot-link"),
    column("record_l", "string", level=2, category="key", meaning="the lower record id"),
    column("record_r", "string", level=2, category="key", meaning="the higher record id"),
    column("author", "string", level=2, category="technical", meaning="who said that they are two"),
    column("since", "date", level=1, category="time", meaning="date of the youngest decision concerned"),
    column(
        "path",
        "array<struct<decision_id:string,record_l:string,record_r:string,author:string>>",
        level=2,
        category="key",
        meaning="the must-links that hold both ends together, from record_l to record_r, with their authors",
    ),
    column(
        "held_back", "array<string>", level=1, category="key", meaning="decisions of the group not obeyed"
    ),
    key="decision_id",
    subject="record_l",
)


def build(decision: DataFrame) -> dict[str, DataFrame]:
    """Every decision with its status, and the contradictions; decided in one task, as people make them few."""
    found = shared(decision.select(*SAID).coalesce(1).mapInArrow(_judge, JUDGED_TYPE))
    told = decision.drop("status").join(found.select("decision_id", "status"), on="decision_id", how="inner")
    return {
        "identity.decision": told.select(*SCHEMA.names),
        "identity.contradiction": contradicted(decision, found).select(*CONTRADICTION.names),
    }


def contradicted(decision: DataFrame, found: DataFrame) -> DataFrame:
    """One row per opposed cannot-link, its path's must-links in order with their records and authors."""
    opposed = found.where("path IS NOT NULL").select("decision_id", "path", F.col("held").alias("held_back"))
    steps = opposed.select(
        F.col("decision_id").alias("_of"), F.posexplode("path").alias("_at", "decision_id")
    )
    links = steps.join(decision, on="decision_id", how="inner").groupBy("_of")
    step = F.struct("_at", F.struct("decision_id", "record_l", "record_r", "author").alias("link"))
    paths = links.agg(
        F.transform(F.sort_array(F.collect_list(step)), _link).alias("path"),
        F.max("known_from").alias("_youngest"),
    )
    whole = opposed.drop("path").join(decision, on="decision_id", how="inner")
    whole = whole.join(paths.withColumnRenamed("_of", "decision_id"), on="decision_id", how="inner")
    return whole.withColumn("since", F.greatest("known_from", "_youngest"))


def in_force(decision: DataFrame) -> DataFrame:
    """What clusters must obey: record_l, record_r, decision (must_link or cannot_link)."""
    return decision.where(F.col("status") == IN_FORCE).select("record_l", "record_r", "decision")


def _link(step: Column) -> Column:
    return step["link"]


def _judge(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    words = [Decision(**row) for batch in batches for row in batch.to_pylist()]
    statuses, opposed = judged(words)
    against = {c.against.decision_id: c for c in opposed}
    rows = [_row(name, status, against.get(name)) for name, status in sorted(statuses.items())]
    yield from pa.Table.from_pylist(rows, JUDGED_SCHEMA).to_batches()


def _row(name: str, status: str, found: Contradiction | None) -> dict[str, Any]:
    path = [d.decision_id for d in found.path] if found else None
    return {"decision_id": name, "status": status, "path": path, "held": list(found.held) if found else None}


JOB = Job(
    table="identity.decision",
    inputs={"decision": IfAny("identity.decision")},
    build=build,
    schema=SCHEMA,
    write=Snapshot(followed=True),
    grain="one row per decision of a steward about two records",
    also={"identity.contradiction": Output(CONTRADICTION, Snapshot())},
)
