"""identity.watch: one row per business date and measure of the matching, so that a jump is seen before it is published.

Measures by kind (person, organisation), so named: records, customers, records_per_customer, largest, size_… (customers
of so many records), pairs, grey_share, expected_precision, psi_<field>; and the ten customers that gained most records
at once, `newly_together` with the customer's id as item.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import Kind, MatchingConf
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("as_of", "date", level=1, category="time", meaning="business date"),
    column("measure", "string", level=1, category="reference", meaning="what was measured, of which kind"),
    column("item", "string", level=2, category="key", meaning="the customer measured, empty for the whole"),
    column("value", "double", level=2, category="model", meaning="in the measure's own unit"),
    key=("as_of", "measure", "item"),
    subject="item",
)
KINDS: Final[tuple[Kind, ...]] = ("person", "organisation")
SIZES: Final = {
    "1": (1, 1),
    "2": (2, 2),
    "3_4": (3, 4),
    "5_9": (5, 9),
    "10_19": (10, 19),
    "20_up": (20, None),
}
NEWEST: Final = 10
ENOUGH: Final = 200
"""Pairs below which a share or an index is noise, and isn't measured."""
PARTS: Final = "kind string, field string, level int, expected double"


def build(
    crosswalk: DataFrame,
    match_pair: DataFrame,
    event: DataFrame,
    *,
    bank: Bank,
    as_of: date,
    spark: SparkSession,
) -> DataFrame:
    """The measures of one date. What they may not exceed stands in conf/…/watch and is judged when publishing."""
    conf = bank.section("matching", MatchingConf)
    judged = match_pair.withColumn("joining", _joining(conf))
    of_whole = sizes(crosswalk).unionByName(pairs(judged)).unionByName(drift(judged, conf, spark))
    rows = of_whole.withColumn("item", F.lit("")).unionByName(newest(event, as_of))
    return rows.withColumn("as_of", F.lit(as_of)).where("value IS NOT NULL").select(*SCHEMA.names)


def sizes(crosswalk: DataFrame) -> DataFrame:
    """(measure, value): records, customers and how they spread."""
    each = crosswalk.groupBy("kind", "customer_id").agg(F.count("*").alias("n"))
    counted = {
        "records": F.sum("n"),
        "customers": F.count("*"),
        "records_per_customer": F.round(F.avg("n"), 4),
        "largest": F.max("n"),
        **{f"size_{name}": F.count_if(_between(low, high)) for name, (low, high) in SIZES.items()},
    }
    return _unpivoted(each, counted)


def pairs(judged: DataFrame) -> DataFrame:
    """(measure, value): pairs kept, the share that nothing joins though they are likely, and the average probability of
    those that join, which is the precision that the model itself expects (an exact rule counts as certain).
    """
    likely = F.when(F.col("certain").isNotNull(), 1.0).otherwise(F.col("probability"))
    enough = F.count("*") >= ENOUGH
    counted = {
        "pairs": F.count("*"),
        "grey_share": F.when(enough, F.round(F.avg((~F.col("joining")).cast("double")), 6)),
        "expected_precision": F.when(enough, F.round(F.avg(F.when(F.col("joining"), likely)), 6)),
    }
    return _unpivoted(judged, counted)


def drift(judged: DataFrame, conf: MatchingConf, spark: SparkSession) -> DataFrame:
    """(measure, value): psi_<field>, the population stability index Σ (p − q)·ln(p/q) of the levels that joined pairs
    show (p) against the model's m (q). Pairs that join are the likelier ones, so it isn't 0; its change tells of drift.
    """
    fields = judged.where("joining").select("kind", F.explode("fields").alias("_f")).select("kind", "_f.*")
    seen = fields.where("level IS NOT NULL").groupBy("kind", "field", "level").agg(F.count("*").alias("n"))
    expected = spark.createDataFrame(_expected(conf), PARTS)
    both = expected.join(seen, on=["kind", "field", "level"], how="left").fillna(0, ["n"])
    total = both.groupBy("kind", "field").agg(F.sum("n").alias("total"))
    p = (F.col("n") + 0.5) / (F.col("total") + 1)
    part = (p - F.col("expected")) * F.ln(p / F.col("expected"))
    index = both.join(total, on=["kind", "field"], how="inner").where(F.col("total") >= ENOUGH)
    measured = index.groupBy("kind", "field").agg(F.round(F.sum(part), 4).alias("value"))
    return measured.select(F.concat_ws("_", F.lit("psi"), "kind", "field").alias("measure"), "value")


def newest(event: DataFrame, as_of: date) -> DataFrame:
    """(measure, item, value): the customers that gained most records on `as_of`, by merging or at their birth."""
    today = event.where(F.col("on") == F.lit(as_of))
    merged = today.where("kind = 'merge'").selectExpr("other_customer_id AS item", "records")
    born = today.where("kind = 'birth' AND records > 1").selectExpr("customer_id AS item", "records")
    gained = merged.unionByName(born).groupBy("item").agg(F.sum("records").cast("double").alias("value"))
    top = gained.orderBy(F.desc("value"), "item").limit(NEWEST)
    return top.select(F.lit("newly_together").alias("measure"), "item", "value")


def _joining(conf: MatchingConf) -> Column:
    least = F.when(F.col("kind") == "person", conf.person.threshold).otherwise(conf.organisation.threshold)
    return F.col("certain").isNotNull() | (F.col("probability") >= least)


def _between(low: int, high: int | None) -> Column:
    return F.col("n") >= low if high is None else F.col("n").between(low, high)


def _unpivoted(rows: DataFrame, counted: dict[str, Column]) -> DataFrame:
    """(measure, value): `counted` by kind, each named `<measure>_<kind>`."""
    wide = rows.groupBy("kind").agg(*(value.cast("double").alias(name) for name, value in counted.items()))
    pieces = [
        F.struct(F.concat_ws("_", F.lit(n), "kind").alias("measure"), F.col(n).alias("value"))
        for n in counted
    ]
    return wide.select(F.explode(F.array(*pieces)).alias("_m")).select("_m.*")


def _expected(conf: MatchingConf) -> list[tuple[str, str, int, float]]:
    """(kind, field, level, m), m adding up to 1 over a field's levels."""
    rows: list[tuple[str, str, int, float]] = []
    for kind in KINDS:
        for field, comparison in conf.of(kind).comparisons.items():
            total = sum(level.m for level in comparison.levels)
            last = len(comparison.levels) - 1
            rows += [(kind, field, last - i, level.m / total) for i, level in enumerate(comparison.levels)]
    return rows


JOB = Job(
    table="identity.watch",
    inputs={
        "crosswalk": "identity.crosswalk",
        "match_pair": "identity.match_pair",
        "event": "identity.event",
    },
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per business date, measure and item",
)
