"""identity.review: one row per question to a steward about two records, the most valuable first.

Pairs of customers: `grey_zone` (likely one, but under the threshold), `kept_apart` (above it, yet a slot or a
stronger link keeps them apart). Clusters (jobs/identity/doubt.py): `weak_bridge`, `two_birth_dates`,
`clean_source`, `oversize`. What a steward has answered isn't asked again.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.matching import MatchingConf
from jobs.columns.money import MONEY, money
from jobs.core.job import IfAny, Job, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from jobs.identity.doubt import CLEAN_SOURCE, OVERSIZE, TWO_BIRTH_DATES, WEAK_BRIDGE, doubts
from models.matching.decisions import CANNOT

KEPT_APART, GREY_ZONE = "kept_apart", "grey_zone"
# A pair that several doubts concern is asked once, by the first of these.
CODES: Final = (CLEAN_SOURCE, TWO_BIRTH_DATES, KEPT_APART, WEAK_BRIDGE, OVERSIZE, GREY_ZONE)
PAIR: Final = ["record_l", "record_r"]

SCHEMA = schema(
    column("review_id", "string", level=1, category="key", meaning="hash of code and pair"),
    column("rank", "int", level=1, category="technical", meaning="place in the queue, 1 first"),
    column("code", "string", level=2, category="reference", meaning=", ".join(CODES)),
    column("record_l", "string", level=2, category="key", meaning="the lower record id"),
    column("record_r", "string", level=2, category="key", meaning="the higher record id"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("customer_id", "string", level=2, category="key", meaning="customer of record_l"),
    column("other_customer_id", "string", level=2, category="key", meaning="customer of record_r, null if the same"),
    column("probability", "double", level=3, category="model", meaning="probability of being one, where scored"),
    column("fields", "array<struct<field:string,level:int,weight:double>>", level=3, category="model", meaning="each field's level and the bits it adds, where scored"),
    column("value", MONEY, level=4, category="financial", meaning="at stake: assets and debts of the customers concerned"),
    column("since", "date", level=1, category="time", meaning="date on which the younger record became known"),
    key="review_id",
    subject="record_l",
)  # fmt: skip


def build(
    match_pair: DataFrame,
    match_record: DataFrame,
    crosswalk: DataFrame,
    decision: DataFrame,
    customer_value: DataFrame,
    *,
    bank: Bank,
) -> DataFrame:
    """The open questions with most at stake, at most as many as configured."""
    conf = bank.section("matching", MatchingConf)
    pairs = shared(sided(match_pair, crosswalk))
    spoken = decision.where("status IN ('in_force', 'held_back')")
    inside = pairs.where("other_customer_id IS NULL")
    between = unsettled(across(pairs, conf), spoken, crosswalk)
    asked = between.unionByName(
        doubts(crosswalk, match_record, inside, spoken, conf), allowMissingColumns=True
    )
    answered = F.broadcast(spoken.select(*PAIR).distinct())
    chosen = shared(
        foremost(asked.join(answered, on=PAIR, how="left_anti"), customer_value, conf.review.most)
    )
    return described(chosen, crosswalk, match_pair).select(*SCHEMA.names)


def sided(pairs: DataFrame, crosswalk: DataFrame) -> DataFrame:
    """Scored pairs with the customers of both ends, the other one only where it differs."""
    owner = crosswalk.select("party_id", "customer_id")
    scored = pairs.select(*PAIR, "kind", "probability", "certain")
    both = scored.join(owner.toDF("record_l", "customer_id"), on="record_l", how="inner").join(
        owner.toDF("record_r", "_other"), on="record_r", how="inner"
    )
    differs = F.when(F.col("_other") != F.col("customer_id"), F.col("_other"))
    return both.withColumn("other_customer_id", differs).drop("_other")


def across(pairs: DataFrame, conf: MatchingConf) -> DataFrame:
    """The strongest scored pair between any two customers, and whether it is grey or was likely and kept apart."""
    between = pairs.where("other_customer_id IS NOT NULL")
    threshold = F.when(F.col("kind") == "person", conf.person.threshold).otherwise(
        conf.organisation.threshold
    )
    likely = F.col("certain").isNotNull() | (F.col("probability") >= threshold)
    row = F.struct(*PAIR, "customer_id", "other_customer_id", "probability")
    ends = (F.least("customer_id", "other_customer_id"), F.greatest("customer_id", "other_customer_id"))
    best = between.groupBy(*(end.alias(name) for end, name in zip(ends, ("_a", "_b"), strict=True))).agg(
        F.max(F.struct(likely.alias("likely"), "probability", row.alias("row"))).alias("best")
    )
    code = F.when(F.col("best.likely"), KEPT_APART).otherwise(GREY_ZONE)
    return best.select("_a", "_b", code.alias("code"), "best.row.*")


def unsettled(between: DataFrame, spoken: DataFrame, crosswalk: DataFrame) -> DataFrame:
    """Without pairs of customers that a cannot-link keeps apart already."""
    apart = spoken.where(F.col("decision") == CANNOT).select(*PAIR)
    owner = crosswalk.select("party_id", "customer_id")
    for record, customer in (("record_l", "_l"), ("record_r", "_r")):
        apart = owner.toDF(record, customer).join(F.broadcast(apart), on=record, how="inner")
    ends = apart.select(F.least("_l", "_r").alias("_a"), F.greatest("_l", "_r").alias("_b")).distinct()
    return between.join(F.broadcast(ends), on=["_a", "_b"], how="left_anti").drop("_a", "_b")


def foremost(asked: DataFrame, customer_value: DataFrame, most: int) -> DataFrame:
    """The `most` questions with most at stake, one a pair, ranked; equal stakes by probability, then by records."""
    stake = customer_value.select(
        "customer_id", (F.col("aum") + F.col("loans_outstanding") + F.col("card_debt")).alias("_own")
    )
    other = stake.toDF("other_customer_id", "_others")
    held = asked.join(stake, on="customer_id", how="left").join(other, on="other_customer_id", how="left")
    nothing = F.lit(0).cast(MONEY)
    known = F.coalesce("_own", "_others").isNotNull()
    value = F.when(known, money(F.coalesce("_own", nothing) + F.coalesce("_others", nothing)))
    place = F.array_position(F.array(*map(F.lit, CODES)), F.col("code"))
    row = F.struct(place, "code", "customer_id", "other_customer_id", "probability", value.alias("value"))
    once = held.groupBy(*PAIR).agg(F.min(row).alias("row")).select(*PAIR, "row.*")
    order = (F.desc_nulls_last("value"), F.desc_nulls_last("probability"), *map(F.asc, PAIR))
    first = once.orderBy(*order).limit(most)
    return first.withColumn("rank", F.row_number().over(Window.orderBy(*order)))


def described(chosen: DataFrame, crosswalk: DataFrame, match_pair: DataFrame) -> DataFrame:
    """The chosen questions with kind, date and the pair's fields: few rows, sent to the data."""
    few = F.broadcast(chosen.drop("probability"))
    left = crosswalk.select(F.col("party_id").alias("record_l"), "kind", F.col("since").alias("_l"))
    right = crosswalk.select(F.col("party_id").alias("record_r"), F.col("since").alias("_r"))
    dated = right.join(
        left.join(few, on="record_l", how="inner").hint("broadcast"), on="record_r", how="inner"
    )
    scored = match_pair.select(*PAIR, "probability", "fields").join(
        F.broadcast(chosen.select(*PAIR)), on=PAIR, how="inner"
    )
    return dated.join(scored, on=PAIR, how="left").withColumns(
        {
            "since": F.greatest("_l", "_r"),
            "review_id": F.sha2(F.concat_ws("|", "code", *PAIR), 256).substr(1, 32),
        }
    )


JOB = Job(
    table="identity.review",
    inputs={
        "match_pair": "identity.match_pair",
        "match_record": "identity.match_record",
        "crosswalk": "identity.crosswalk",
        "decision": "identity.decision",
        "customer_value": IfAny("gold.customer_value"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per question to a steward about two records",
)
