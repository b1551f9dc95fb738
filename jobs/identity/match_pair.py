"""identity.match_pair: one row per pair of records likely enough to be one customer to matter, with its reasons."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import MatchingConf
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from models.matching.model import MatchModel
from models.matching.scoring import score

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


def build(match_record: DataFrame, *, bank: Bank) -> DataFrame:
    """Pairs at or above the grey threshold, under the configured (frozen) parameters."""
    conf = bank.section("matching", MatchingConf)
    scored = [
        score(
            match_record.where(F.col("kind") == kind),
            MatchModel(conf.of(kind)),
            engine=conf.engine,
            unique_sources=conf.unique_sources,
        ).withColumn("kind", F.lit(kind))
        for kind in ("person", "organisation")
    ]
    return scored[0].unionByName(scored[1]).select(*SCHEMA.names)


JOB = Job(
    table="identity.match_pair",
    inputs={"match_record": "identity.match_record"},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per pair of records at or above the grey threshold",
)
