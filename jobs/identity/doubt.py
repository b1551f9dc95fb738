"""Doubts about clusters: what in a customer's records says that they may be two, each as a question about a pair.

Every frame here is (code, customer_id, record_l, record_r): were these two records rightly joined?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Final

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from jobs.core.shared import shared
from models.matching.bridges import weak_bridges
from models.matching.decisions import MUST

TWO_BIRTH_DATES, OVERSIZE, CLEAN_SOURCE, WEAK_BRIDGE = (
    "two_birth_dates", "oversize", "clean_source", "weak_bridge",
)  # fmt: skip
LINK: Final = ("customer_id", "record_l", "record_r", "probability")
QUESTION_TYPE: Final = "customer_id string, record_l string, record_r string"
QUESTION_SCHEMA: Final = pa.schema([(c, pa.string()) for c in ("customer_id", "record_l", "record_r")])
Batches = Iterable[pa.RecordBatch]


def doubts(
    crosswalk: DataFrame, records: DataFrame, inside: DataFrame, spoken: DataFrame, conf: MatchingConf
) -> DataFrame:
    """All questions about clusters; `inside` are the scored pairs within customers, `spoken` standing decisions."""
    joined = crosswalk.where("linked_by <> 'alone'")
    found = [
        *_of_members(joined, records, conf.review.oversize),
        _bridging(inside, spoken, conf.review.weak),
        *([_twice(joined, conf.unique_sources)] if conf.unique_sources else []),
    ]
    return reduce(DataFrame.unionByName, found)


def _of_members(joined: DataFrame, records: DataFrame, oversize: int) -> list[DataFrame]:
    """Two dates of birth: the records that state the first and the last. Too many records: the weakest link."""
    born = records.select(F.col("record_id").alias("party_id"), "birth_date")
    stated = F.when(F.col("birth_date").isNotNull(), F.struct("birth_date", "party_id"))
    link = F.when(
        F.col("linked_to").isNotNull(),
        F.struct(F.coalesce("probability", F.lit(1.0)), "party_id", "linked_to"),
    )
    described = (
        joined.join(born, on="party_id", how="inner")
        .groupBy("customer_id")
        .agg(
            F.count("*").alias("size"),
            F.min(stated).alias("first"),
            F.max(stated).alias("last"),
            F.min(link).alias("weakest"),
        )
    )
    clusters = shared(described.where(f"size >= {oversize} OR first.birth_date <> last.birth_date"))
    return [
        _question(
            clusters.where("first.birth_date <> last.birth_date"),
            TWO_BIRTH_DATES,
            "first.party_id",
            "last.party_id",
        ),
        _question(
            clusters.where(F.col("size") >= oversize), OVERSIZE, "weakest.party_id", "weakest.linked_to"
        ),
    ]


def _twice(joined: DataFrame, unique_sources: Iterable[str]) -> DataFrame:
    """Two records of a source whose records are distinct: only a must-link puts them together."""
    of_source = joined.where(F.col("source").isin(*unique_sources)).groupBy("customer_id", "source")
    twice = of_source.agg(F.min("party_id").alias("low"), F.max("party_id").alias("high")).where(
        "low <> high"
    )
    return _question(twice, CLEAN_SOURCE, "low", "high")


def _bridging(inside: DataFrame, spoken: DataFrame, weak: float) -> DataFrame:
    """The weakest link of each cluster that falls into two without it; certain and decided links are never weak."""
    is_weak = F.col("certain").isNull() & (F.col("probability") < weak)
    shaky = inside.where(is_weak).select("customer_id").distinct()
    concerned = inside.join(shaky, on="customer_id", how="left_semi")
    agreed = spoken.where(F.col("decision") == MUST).select("record_l", "record_r", F.lit(1.0).alias("_said"))
    told = concerned.join(F.broadcast(agreed.distinct()), on=["record_l", "record_r"], how="left")
    strength = F.when(F.col("certain").isNotNull(), F.lit(1.0)).otherwise(F.coalesce("_said", "probability"))
    links = told.withColumn("probability", strength).select(*LINK).repartition("customer_id")
    return links.mapInArrow(_search(weak), QUESTION_TYPE).withColumn("code", F.lit(WEAK_BRIDGE))


def _question(clusters: DataFrame, code: str, one: str, other: str) -> DataFrame:
    pair = F.least(one, other).alias("record_l"), F.greatest(one, other).alias("record_r")
    return clusters.select("customer_id", *pair, F.lit(code).alias("code"))


def _search(weak: float) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    def search(batches: Batches) -> Iterator[pa.RecordBatch]:
        clusters: dict[str, dict[tuple[str, str], float]] = {}
        for row in (row for batch in batches for row in batch.to_pylist()):
            clusters.setdefault(row["customer_id"], {})[row["record_l"], row["record_r"]] = row["probability"]
        rows = [
            {"customer_id": customer, "record_l": low, "record_r": high}
            for customer, links in clusters.items()
            for low, high in weak_bridges(links, weak)[:1]
        ]
        yield from pa.Table.from_pylist(rows, QUESTION_SCHEMA).to_batches()

    return search
