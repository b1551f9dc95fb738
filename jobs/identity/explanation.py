"""Why a customer is one customer: its records, the links between them, and where each golden value came from."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def records_of(customer_id: str, crosswalk: DataFrame) -> DataFrame:
    """The customer's source records, oldest first: party_id, source, since, is_live, linked_to, linked_by, probability."""
    mine = crosswalk.where(F.col("customer_id") == customer_id)
    return mine.select(
        "party_id", "source", "since", "is_live", "linked_to", "linked_by", "probability"
    ).orderBy("since", "party_id")


def links_of(customer_id: str, crosswalk: DataFrame, pairs: DataFrame) -> DataFrame:
    """Every scored pair among the customer's records, one row a field: record_l, record_r, probability, certain,
    field, level, weight (bits), strongest pair and field first.
    """
    mine = crosswalk.where(F.col("customer_id") == customer_id).select("party_id")
    inside = pairs.join(mine.withColumnRenamed("party_id", "record_l"), on="record_l", how="left_semi").join(
        mine.withColumnRenamed("party_id", "record_r"), on="record_r", how="left_semi"
    )
    spread = inside.select(
        "record_l", "record_r", "probability", "certain", F.explode("fields").alias("_field")
    )
    fields = spread.select("record_l", "record_r", "probability", "certain", "_field.*")
    return fields.where("level IS NOT NULL").orderBy(
        F.desc("probability"), "record_l", "record_r", F.desc("weight")
    )


def doubts_of(customer_id: str, crosswalk: DataFrame, pairs: DataFrame) -> DataFrame:
    """Scored pairs from the customer's records to records of others, likeliest first: what was not joined."""
    owner = crosswalk.select("party_id", "customer_id")
    sided = pairs.join(
        owner.selectExpr("party_id AS record_l", "customer_id AS customer_l"), on="record_l", how="inner"
    ).join(owner.selectExpr("party_id AS record_r", "customer_id AS customer_r"), on="record_r", how="inner")
    touching = sided.where((F.col("customer_l") == customer_id) != (F.col("customer_r") == customer_id))
    other = F.when(F.col("customer_l") == customer_id, F.col("customer_r")).otherwise(F.col("customer_l"))
    return touching.select(
        "record_l", "record_r", other.alias("other_customer_id"), "probability", "certain"
    ).orderBy(F.desc("probability"), "record_l", "record_r")


def golden_of(customer_id: str, lineage: DataFrame) -> DataFrame:
    """Each golden attribute's winner, rule, runner-up and agreement; values stand in the restricted tables."""
    return lineage.where(F.col("customer_id") == customer_id).drop("customer_id").orderBy("attribute")


def corrections_of(customer_id: str, crosswalk: DataFrame, correction: DataFrame) -> DataFrame:
    """What stewards said of the customer's golden values, newest first; the values stand in the restricted table."""
    mine = crosswalk.where(F.col("customer_id") == customer_id).select("party_id")
    said = correction.join(mine, on="party_id", how="left_semi")
    told = said.select("attribute", "correction", "author", "decided_at", "status", "reason", "party_id")
    return told.orderBy(F.desc("decided_at"), "attribute")


def standing_id(customer_id: str, redirect: DataFrame) -> DataFrame:
    """One row (customer_id) where `customer_id` was merged away and another stands for it; else none."""
    return redirect.where(F.col("old_customer_id") == customer_id).select("customer_id")


def events_of(customer_id: str, event: DataFrame) -> DataFrame:
    """What happened to the id, in order."""
    touches = (F.col("customer_id") == customer_id) | (F.col("other_customer_id") == customer_id)
    return event.where(touches).drop("event_id").orderBy("on", "kind", "other_customer_id")
