"""Past campaigns as trials: who was assigned to which arm, as of when they are known, and whether they responded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.models import UpliftSpec
from conf.uplift import CAMPAIGN, UpliftLabel
from jobs.columns.time import current

TABLES: Final = {
    "campaign": "silver.campaign",
    "campaign_contact": "silver.campaign_contact",
    "campaign_response": "silver.campaign_response",
    "crosswalk": "identity.crosswalk",
    "product": "silver.product",
}
MONTH: Final = ["campaign_id", "_month"]


def trials(frames: Mapping[str, DataFrame], spec: UpliftSpec, as_of: date) -> DataFrame:
    """One row per goal, campaign and customer assigned whose outcome window had ended and settled by `as_of`.

    goal, campaign_id, customer_id; assigned_on; as_of, the date at whose close features are taken: the day before the
    campaign's first assignment of that month, so that nothing of the contact itself is in them; treated and label
    (1.0 where a response came within the horizon), doubles. A customer assigned to several arms is left out.
    """
    label = spec.label
    assigned = _assigned(frames["campaign_contact"], spec, as_of)
    marked = _responded(assigned, frames["campaign_response"], spec)
    linked = marked.join(frames["crosswalk"].select("party_id", "customer_id"), on="party_id", how="inner")
    people = linked.groupBy("campaign_id", "customer_id").agg(
        F.min("assigned_on").alias("assigned_on"),
        F.min("as_of").alias("as_of"),
        F.min("treated").alias("treated"),
        F.max("treated").alias("_also"),
        F.max("label").alias("label"),
    )
    whole = people.where(F.col("treated") == F.col("_also")).drop("_also")
    return whole.join(F.broadcast(aimed(frames, label)), on="campaign_id", how="inner")


def aimed(frames: Mapping[str, DataFrame], label: UpliftLabel) -> DataFrame:
    """(campaign_id, goal): each campaign under every goal whose SQL is true for it."""
    products = current(frames["product"], "product_id").select("product_id", "family")
    campaigns = current(frames["campaign"], "campaign_id")
    told = campaigns.join(products, on="product_id", how="left").select(*CAMPAIGN)
    goals = [F.when(F.expr(sql), F.lit(name)) for name, sql in label.goals.items()]
    named = F.array_compact(F.array(*goals)) if goals else F.array().cast("array<string>")
    return told.select("campaign_id", F.explode(named).alias("goal"))


def _assigned(contacts: DataFrame, spec: UpliftSpec, as_of: date) -> DataFrame:
    """Contacts of the arms compared, with `treated` and the date as of which they are known."""
    label = spec.label
    over = F.date_add(_end(spec), label.settle_days) <= F.lit(as_of)
    told = contacts.where(F.col("arm").isin(*label.treated, *label.control) & over).withColumns(
        {
            "treated": F.col("arm").isin(*label.treated).cast("double"),
            "_month": F.trunc("assigned_on", "month"),
        }
    )
    first = told.groupBy(*MONTH).agg(F.date_sub(F.min("assigned_on"), 1).alias("as_of"))
    return told.join(F.broadcast(first), on=MONTH, how="inner").drop("_month")


def _responded(contacts: DataFrame, responses: DataFrame, spec: UpliftSpec) -> DataFrame:
    """The contacts with label 1.0 where one of the responses that count came from assignment to the horizon's end."""
    counted = responses.where(F.col("response").isin(*spec.label.responses))
    both = contacts.join(counted.select("contact_id", "responded_on"), on="contact_id", how="inner")
    inside = F.col("responded_on").between(F.col("assigned_on"), _end(spec))
    came = both.where(inside).select("contact_id", F.lit(1.0).alias("label")).distinct()
    return contacts.join(came, on="contact_id", how="left").fillna(0.0, subset=["label"])


def _end(spec: UpliftSpec) -> Column:
    """The last day on which a response counts."""
    return F.add_months("assigned_on", spec.horizon_months)
