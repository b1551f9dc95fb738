"""identity.term_frequency: one row per name that several bear, with how common it was when the month began; and one
that tells by its share how many records there were.

Sharing a rare name says more than sharing a common one. The weights of a month rest on one count, so that a day's
delivery is matched against the book without moving the weight of every pair that stands.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import Kind, MatchingConf
from jobs.core.job import IfAny, Job, Snapshot
from jobs.core.schema import column, schema
from jobs.identity.naming import named
from models.matching.frequencies import LEAST_BEARERS, OTHERS, RECORDS, share_sql
from models.matching.model import MatchModel

PAIR: Final = 2
"""Bearers of a value that isn't listed, as far as a pair that shares it tells."""

SCHEMA = schema(
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("field", "string", level=1, category="technical", meaning="record column that the value is of"),
    column("value", "string", level=3, category="model", meaning="name that several bear, as it is compared; empty: each other"),
    column("share", "double", level=2, category="model", meaning="share of the records that bear it, in steps"),
    column("month", "date", level=1, category="time", meaning="first day of the month that it holds for"),
    key=("kind", "field", "value"),
    personal=False,
)  # fmt: skip


def build(party: DataFrame, party_name: DataFrame, known: DataFrame, *, bank: Bank, as_of: date) -> DataFrame:
    """Frequencies of names as they were known before the month began: the same, whichever days were run since."""
    month = as_of.replace(day=1)
    if known.where(F.col("month") == F.lit(month)).limit(1).count():
        return known.select(*SCHEMA.names)
    before = F.col("known_from") < F.lit(_until(party, month))
    names = named(party.where(before), party_name.where(before)).localCheckpoint(eager=False)
    conf = bank.section("matching", MatchingConf)
    kinds: tuple[Kind, ...] = ("person", "organisation")
    counted = [
        _counted(names, kind, field) for kind in kinds for field in MatchModel(conf.of(kind)).rare_columns
    ]
    counted += [_records(names, kind) for kind in kinds]
    empty = names.sparkSession.createDataFrame([], SCHEMA.spark)
    return reduce(DataFrame.unionByName, [c.withColumn("month", F.lit(month)) for c in counted], empty)


def _until(party: DataFrame, month: date) -> date:
    """The month's first day; the day after the book's first where it began later."""
    first: date | None = party.agg(F.min("known_from")).collect()[0][0]
    return month if first is None else max(month, first + timedelta(days=1))


def _counted(names: DataFrame, kind: Kind, field: str) -> DataFrame:
    of = names.where((F.col("kind") == kind) & F.col(field).isNotNull())
    whole = of.agg(F.count("*").alias("_all")).where("_all > 0")
    bearers = of.groupBy(F.col(field).alias("value")).agg(F.count("*").alias("_n"))
    other = names.sparkSession.createDataFrame([(OTHERS, PAIR)], "value string, _n bigint")
    listed = bearers.where(F.col("_n") >= LEAST_BEARERS).unionByName(other)
    share = F.expr(share_sql("_n", "_all")).alias("share")
    named = (F.lit(kind).alias("kind"), F.lit(field).alias("field"), "value", share)
    return listed.join(F.broadcast(whole), how="cross").select(*named)


def _records(names: DataFrame, kind: Kind) -> DataFrame:
    """One row where there are any: the share that one record is of all."""
    whole = names.where(F.col("kind") == kind).agg(F.count("*").alias("_all")).where("_all > 0")
    named = (F.lit(kind).alias("kind"), F.lit(RECORDS).alias("field"), F.lit(OTHERS).alias("value"))
    return whole.select(*named, F.expr(share_sql("1", "_all")).alias("share"))


JOB = Job(
    table="identity.term_frequency",
    inputs={
        "party": "silver.party",
        "party_name": "silver.party_name",
        "known": IfAny("identity.term_frequency"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per kind of party, field and value that several bear",
)
