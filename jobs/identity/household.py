"""identity.household: one row per customer who shares a household with other customers of the bank.

Beside it identity.household_link, the pairs and what says so. Two people share a household where they are declared
spouses, or where their golden records have one address and something else besides: a declared parent and child, one
mobile number, or one family name by sound. An address alone makes neighbours, not a household, and one that more than
MOST customers share is an employer's, a home's or a dormitory's. A household is what hangs together by such pairs.

CONFIDENCE is what a household survey would check: set by judgement, each kind of evidence for itself; several kinds count
as independent, 1 − Π (1 − c).
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.core.job import Job, Output, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from models.matching.components import components

MOST: Final = 8
"""Customers at one address beyond whom it tells nothing."""
CONFIDENCE: Final = {"spouse": 0.9, "parent": 0.9, "mobile": 0.8, "family_name": 0.7}
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="member"),
    column("household_id", "string", level=2, category="key", meaning="customer at the head: the one longest with the bank"),
    column("is_head", "boolean", level=2, category="quasi_identifier", meaning="whether the member is the head"),
    column("members", "int", level=1, category="technical", meaning="customers in the household"),
    column("confidence", "double", level=2, category="model", meaning="that of the member's surest pair, 0 … 1"),
    key="customer_id",
    subject="customer_id",
)  # fmt: skip
LINK = schema(
    column("customer_id", "string", level=2, category="key", meaning="the lower id of the two"),
    column("other_customer_id", "string", level=2, category="key", meaning="the higher one"),
    column("evidence", "array<string>", level=3, category="quasi_identifier", meaning="spouse, parent, mobile, family_name; all but spouse at one address"),
    column("confidence", "double", level=2, category="model", meaning="that the two share a household, 0 … 1"),
    column("valid_from", "date", level=1, category="time", meaning="first date of a declared relationship; null where the records alone tell"),
    key=("customer_id", "other_customer_id"),
    subject="customer_id",
)  # fmt: skip


def build(
    golden_record: DataFrame,
    golden_identity: DataFrame,
    relationship: DataFrame,
    crosswalk: DataFrame,
    match_record: DataFrame,
) -> dict[str, DataFrame]:
    """Pairs and households as they stand."""
    people = golden_record.where("kind = 'person'").select("customer_id", "customer_since")
    placed = _placed(people, golden_identity, _family_names(crosswalk, match_record))
    links = shared(_links(people, placed, relationship))
    return {JOB.table: _members(links, people), "identity.household_link": links.select(*LINK.names)}


def _family_names(crosswalk: DataFrame, match_record: DataFrame) -> DataFrame:
    """(customer_id, family): the family name that most of a customer's records give, by sound."""
    records = match_record.where("family IS NOT NULL").select(F.col("record_id").alias("party_id"), "family")
    return (
        records.join(crosswalk.select("party_id", "customer_id"), on="party_id", how="inner")
        .groupBy("customer_id")
        .agg(F.mode("family", deterministic=True).alias("family"))
    )


def _placed(people: DataFrame, identity: DataFrame, families: DataFrame) -> DataFrame:
    """(customer_id, place, mobile, family) of who has a whole address that few share."""
    parts = [
        F.regexp_replace(F.lower(c), r"[^\p{L}\p{N}]", "") for c in ("region", "city", "district", "street")
    ]
    place = F.when(F.col("street").rlike(r"\p{N}"), F.xxhash64(F.concat_ws("|", *parts)))
    rows = people.join(identity, on="customer_id", how="inner").select(
        "customer_id", place.alias("place"), "mobile"
    )
    known = rows.where("place IS NOT NULL").withColumn(
        "_here", F.count("*").over(Window.partitionBy("place"))
    )
    few = known.where(F.col("_here").between(2, MOST)).drop("_here")
    return few.join(families, on="customer_id", how="left")


def _links(people: DataFrame, placed: DataFrame, relationship: DataFrame) -> DataFrame:
    declared = _declared(people, relationship)
    together = _together(placed)
    pair = ["customer_id", "other_customer_id"]
    joined = declared.join(together, on=pair, how="full")
    told = [
        _said("spouse", F.col("spouse")),
        _said("parent", F.col("parent") & F.col("at_one_place")),
        _said("mobile", F.col("one_mobile")),
        _said("family_name", F.col("one_family")),
    ]
    found = joined.withColumn("evidence", F.array_compact(F.array(*told))).where(F.size("evidence") > 0)
    return found.withColumn("confidence", F.round(_surely(F.col("evidence")), 6))


def _said(kind: str, holds: Column) -> Column:
    return F.when(holds, F.lit(kind))


def _surely(evidence: Column) -> Column:
    """1 − Π (1 − confidence) over the kinds of evidence."""
    doubt = F.lit(1.0)
    for kind, sure in CONFIDENCE.items():
        doubt = doubt * F.when(F.array_contains(evidence, kind), 1 - sure).otherwise(1.0)
    return 1 - doubt


def _declared(people: DataFrame, relationship: DataFrame) -> DataFrame:
    """Pairs of people declared spouses, or parent and child; one row for both directions."""
    family = relationship.where("kind IN ('spouse', 'parent')")
    mine = people.select("customer_id")
    theirs = mine.withColumnRenamed("customer_id", "other_customer_id")
    both = family.join(mine, on="customer_id", how="left_semi").join(
        theirs, on="other_customer_id", how="left_semi"
    )
    low, high = (f("customer_id", "other_customer_id") for f in (F.least, F.greatest))
    return both.groupBy(low.alias("customer_id"), high.alias("other_customer_id")).agg(
        F.max(F.col("kind") == "spouse").alias("spouse"),
        F.max(F.col("kind") == "parent").alias("parent"),
        F.min("valid_from").alias("valid_from"),
    )


def _together(placed: DataFrame) -> DataFrame:
    """Pairs at one place, and whether they share a mobile number or a family name."""
    other = placed.select(
        F.col("customer_id").alias("other_customer_id"),
        "place",
        F.col("mobile").alias("_mobile"),
        F.col("family").alias("_family"),
    )
    pairs = placed.join(other, on="place", how="inner").where("customer_id < other_customer_id")
    return pairs.select(
        "customer_id",
        "other_customer_id",
        F.lit(True).alias("at_one_place"),
        (F.col("mobile") == F.col("_mobile")).alias("one_mobile"),
        (F.col("family") == F.col("_family")).alias("one_family"),
    )


def _members(links: DataFrame, people: DataFrame) -> DataFrame:
    """Each linked customer with the household that they hang together with."""
    ends = links.select(
        F.explode(F.array("customer_id", "other_customer_id")).alias("customer_id"), "confidence"
    )
    sure = ends.groupBy("customer_id").agg(F.max("confidence").alias("confidence"))
    hung = components(links.select(F.col("customer_id").alias("a"), F.col("other_customer_id").alias("b")))
    rows = (
        sure.join(hung.withColumnRenamed("record_id", "customer_id"), on="customer_id", how="left")
        .join(people, on="customer_id", how="inner")
        .withColumn("component", F.coalesce("component", "customer_id"))
    )
    whole = Window.partitionBy("component")
    first = F.min(
        F.struct(F.coalesce("customer_since", F.lit("9999-12-31").cast("date")), "customer_id")
    ).over(whole)
    named = rows.withColumns(
        {"household_id": first["customer_id"], "members": F.count("*").over(whole).cast("int")}
    )
    return named.withColumn("is_head", F.col("household_id") == F.col("customer_id")).select(*SCHEMA.names)


JOB = Job(
    table="identity.household",
    inputs={
        "golden_record": "identity.golden_record",
        "golden_identity": "identity.golden_identity",
        "relationship": "identity.relationship",
        "crosswalk": "identity.crosswalk",
        "match_record": "identity.match_record",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per customer who shares a household with other customers",
    also={"identity.household_link": Output(LINK, Snapshot())},
)
