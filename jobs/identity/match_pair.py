"""identity.match_pair: one row per pair of records likely enough to be one customer to matter, with its reasons."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import Kind, MatchingConf
from jobs.core.job import TOUCHED, IfAny, Job, Snapshot, Touched
from jobs.core.schema import column, schema
from models.matching.model import MatchModel
from models.matching.scoring import score
from models.matching.surroundings import Surroundings

SCHEMA = schema(
    column("record_l", "string", level=2, category="key", meaning="the lower record id"),
    column("record_r", "string", level=2, category="key", meaning="the higher record id"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("probability", "double", level=3, category="model", meaning="probability of being one customer"),
    column("weight", "double", level=3, category="model", meaning="log2 odds of being one customer"),
    column(
        "fields",
        "array<struct<field:string,level:int,weight:double>>",
        level=3,
        category="model",
        meaning="each field's level (0 = differs, null = missing) and the bits it adds",
    ),
    column("certain", "string", level=2, category="model", meaning="exact rule that joins the pair, if any"),
    key=("record_l", "record_r"),
    subject="record_l",
)


def build(
    match_record: DataFrame,
    everyone: DataFrame,
    frequency: DataFrame,
    known: DataFrame,
    *,
    bank: Bank,
    keys: DataFrame | None,
) -> DataFrame:
    """Pairs at or above the grey threshold, under the configured (frozen) parameters.

    With `keys`, `match_record` holds the records that changed and all that share a blocking key with one, before or
    after. What stands between one of them and a record elsewhere rests on keys that nobody's change touched.
    """
    conf = bank.section("matching", MatchingConf)
    kinds: tuple[Kind, ...] = ("person", "organisation")
    scored = reduce(
        DataFrame.unionByName,
        [_scored(match_record, everyone, frequency, conf, kind, keys) for kind in kinds],
    ).select(*SCHEMA.names)
    return scored if keys is None else scored.unionByName(_standing(known, everyone, keys))


def _scored(
    records: DataFrame,
    everyone: DataFrame,
    frequency: DataFrame,
    conf: MatchingConf,
    kind: Kind,
    keys: DataFrame | None,
) -> DataFrame:
    of_kind = F.col("kind") == kind
    rules, mine = conf.of(kind), records.where(of_kind)
    usable = None if keys is None else _usable(mine, everyone.where(of_kind), rules.block_limit)
    around = Surroundings(usable, frequency.where(of_kind).select("field", "value", "share"))
    pairs = score(
        mine, MatchModel(rules), engine=conf.engine, unique_sources=conf.unique_sources, around=around
    )
    return pairs.withColumn("kind", F.lit(kind))


def _usable(records: DataFrame, everyone: DataFrame, limit: int) -> DataFrame:
    """Of the records' blocking keys those that bring at least two of everyone together, and not too many."""
    mine = records.select(F.explode("keys").alias("block")).distinct()
    held = everyone.select(F.explode("keys").alias("block")).join(mine, on="block", how="left_semi")
    return (
        held.groupBy("block")
        .agg(F.count("*").alias("_n"))
        .where(F.col("_n").between(2, limit))
        .select("block")
    )


def _standing(known: DataFrame, everyone: DataFrame, keys: DataFrame) -> DataFrame:
    """Pairs of a touched record with one that isn't: they stay, as long as both are there."""
    touched = keys.select(F.col(TOUCHED))
    mine = known.join(touched, on=F.col("record_l") == F.col(TOUCHED), how="left_semi")
    apart = mine.join(touched, on=F.col("record_r") == F.col(TOUCHED), how="left_anti")
    there = everyone.select(F.col("record_id").alias("record_r"))
    return apart.join(there, on="record_r", how="left_semi").select(*SCHEMA.names)


def _widest(bank: Bank) -> int:
    return bank.section("matching", MatchingConf).widest_block


JOB = Job(
    table="identity.match_pair",
    inputs={
        "match_record": Touched("identity.match_record", by="record_id", via="keys", most=_widest),
        "everyone": "identity.match_record",
        "frequency": "identity.term_frequency",
        "known": IfAny("identity.match_pair"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per pair of records at or above the grey threshold",
)
