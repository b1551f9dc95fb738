"""identity.controller: one row per customer who has a quarter or more of a company through any chains, or controls it.

identity.corporate_group puts each company that somebody controls, and who controls it, into the group of whoever
nobody controls. Rules and formulas: jobs/identity/ownership.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.job import Job, Output, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from jobs.identity.ownership import heads, stakes

SHARE: Final = "decimal(9,6)"
STAKE_TYPE: Final = (
    "holder string, company string, direct double, effective double, controls boolean, through array<string>, "
    "is_ultimate boolean, holder_group string, company_group string"
)
STAKE_SCHEMA: Final = pa.schema(
    [
        ("holder", pa.string()),
        ("company", pa.string()),
        ("direct", pa.float64()),
        ("effective", pa.float64()),
        ("controls", pa.bool_()),
        ("through", pa.list_(pa.string())),
        ("is_ultimate", pa.bool_()),
        ("holder_group", pa.string()),
        ("company_group", pa.string()),
    ]
)
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="who holds"),
    column("company_id", "string", level=2, category="key", meaning="customer that is held"),
    column("direct_share", SHARE, level=3, category="financial", meaning="share held directly, 0 … 1"),
    column("effective_share", SHARE, level=3, category="financial", meaning="share through all chains, 0 … 1"),
    column("controls", "boolean", level=3, category="financial", meaning="half or more, with the companies it controls"),
    column("is_ultimate", "boolean", level=3, category="financial", meaning="nobody controls the holder"),
    column("through", "array<string>", level=2, category="key", meaning="companies on the strongest chain between the two"),
    column("valid_from", "date", level=1, category="time", meaning="first date of the youngest holding of the company, direct ones"),
    key=("customer_id", "company_id"),
    subject="customer_id",
)  # fmt: skip
GROUP = schema(
    column("customer_id", "string", level=2, category="key", meaning="member"),
    column("group_id", "string", level=2, category="key", meaning="customer at the head of the group"),
    column("is_head", "boolean", level=2, category="financial", meaning="whether the member is the head"),
    column(
        "members", "int", level=1, category="technical", meaning="members of the group, its head included"
    ),
    key="customer_id",
    subject="customer_id",
)


def build(relationship: DataFrame) -> dict[str, DataFrame]:
    """Stakes and groups from today's holdings, in one task: companies that hold companies are few."""
    holdings = relationship.where("kind = 'shareholder' AND share > 0")
    edges = holdings.select("customer_id", "other_customer_id", F.col("share").cast("double").alias("share"))
    found = shared(edges.coalesce(1).mapInArrow(_search, STAKE_TYPE))
    began = holdings.groupBy(F.col("other_customer_id").alias("company")).agg(
        F.max("valid_from").alias("valid_from")
    )
    told = found.join(began, on="company", how="left").select(
        F.col("holder").alias("customer_id"),
        F.col("company").alias("company_id"),
        F.round("direct", 6).cast(SHARE).alias("direct_share"),
        F.round("effective", 6).cast(SHARE).alias("effective_share"),
        "controls",
        "is_ultimate",
        "through",
        "valid_from",
    )
    return {"identity.controller": told, "identity.corporate_group": grouped(found).select(*GROUP.names)}


def grouped(found: DataFrame) -> DataFrame:
    """Each member of a group of two or more, with its head and the group's size."""
    controlling = found.where("controls")
    member = controlling.select(
        F.col("holder").alias("customer_id"), F.col("holder_group").alias("group_id")
    ).union(controlling.select("company", "company_group"))
    once = member.distinct()
    sizes = once.groupBy("group_id").agg(F.count("*").cast("int").alias("members"))
    return once.join(sizes, on="group_id", how="inner").withColumn(
        "is_head", F.col("customer_id") == F.col("group_id")
    )


def _search(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    rows = (row for batch in batches for row in batch.to_pylist())
    found = stakes((row["customer_id"], row["other_customer_id"], row["share"]) for row in rows)
    of = heads(found)
    told: list[dict[str, Any]] = [
        {
            **asdict(stake),
            "through": list(stake.through),
            "holder_group": of.get(stake.holder),
            "company_group": of.get(stake.company),
        }
        for stake in found
    ]
    yield from pa.Table.from_pylist(told, STAKE_SCHEMA).to_batches()


JOB = Job(
    table="identity.controller",
    inputs={"relationship": "identity.relationship"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer and company of which it has a quarter or more, or which it controls",
    also={"identity.corporate_group": Output(GROUP, Snapshot())},
)
