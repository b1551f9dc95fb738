"""identity.match_pair: one row per pair of records likely enough to be one customer to matter, with its reasons."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import Kind, MatchingConf
from jobs.core.job import CHANGED, MOVED, NEAR, TOUCHED, IfAny, Job, Snapshot, Touched
from jobs.core.schema import column, schema
from jobs.core.shared import shared_and_sent
from models.matching import blocking
from models.matching.frequencies import RECORDS, at_size
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
    after. A pair can have moved only where one of its records changed, or where both bear a key that was too common
    before or is now: only these are looked at, the others stand.
    """
    conf = bank.section("matching", MatchingConf)
    kinds: tuple[Kind, ...] = ("person", "organisation")
    records = match_record if keys is None else _moved(match_record, keys)
    one_of_all = {row["kind"]: row["share"] for row in frequency.where(F.col("field") == RECORDS).collect()}
    scored = reduce(
        DataFrame.unionByName,
        [_scored(records, everyone, frequency, conf, kind, one_of_all.get(kind)) for kind in kinds],
    ).select(*SCHEMA.names)
    return scored if keys is None else scored.unionByName(_standing(known, keys))


def _moved(records: DataFrame, keys: DataFrame) -> DataFrame:
    return records.join(
        keys.withColumnsRenamed({TOUCHED: "record_id", MOVED: blocking.MOVED}), on="record_id"
    )


def _scored(
    records: DataFrame,
    everyone: DataFrame,
    frequency: DataFrame,
    conf: MatchingConf,
    kind: Kind,
    one_of_all: float | None,
) -> DataFrame:
    of_kind = F.col("kind") == kind
    rules, mine = at_size(conf.of(kind), one_of_all), records.where(of_kind)
    partly = blocking.MOVED in mine.columns
    usable = _usable(mine, everyone.where(of_kind), rules.block_limit) if partly else None
    around = Surroundings(usable, frequency.where(of_kind).select("field", "value", "share"))
    pairs = score(
        mine, MatchModel(rules), engine=conf.engine, unique_sources=conf.unique_sources, around=around
    )
    return pairs.withColumn("kind", F.lit(kind))


def _usable(records: DataFrame, everyone: DataFrame, limit: int) -> DataFrame:
    """Of the moved records' blocking keys those that bring at least two of everyone together, and not too many."""
    moved = records.where(F.col(blocking.MOVED) > NEAR)
    mine = shared_and_sent(moved.select(F.explode("keys").alias("block")).distinct())
    held = everyone.select(F.explode("keys").alias("block")).join(mine, on="block", how="left_semi")
    return (
        held.groupBy("block")
        .agg(F.count("*").alias("_n"))
        .where(F.col("_n").between(2, limit))
        .select("block")
    )


def _standing(known: DataFrame, keys: DataFrame) -> DataFrame:
    """Known pairs of a touched record that needn't be looked at again."""
    left, right = (
        keys.select(F.col(TOUCHED).alias(f"record_{end}"), F.col(MOVED).alias(f"_{end}")) for end in "lr"
    )
    mine = known.join(left, on="record_l", how="inner").join(right, on="record_r", how="left")
    return mine.where(F.col("_l") + F.coalesce("_r", F.lit(NEAR)) < CHANGED).select(*SCHEMA.names)


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
    write=Snapshot(followed=True),
    grain="one row per pair of records at or above the grey threshold",
)
