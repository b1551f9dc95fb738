"""Suitability: a product with risk goes only to who may bear it, by a questionnaire in force, recorded if need be.

Rules as in China's measures on investor suitability (2017) and on dual recording: the customer's level is at
least the product's, the questionnaire hasn't expired, and from a configured product risk on the sale is
recorded. A product that the catalogue doesn't know, or without a risk level, goes to nobody.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.columns.time import current_as_of
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, conf: GatesConf) -> DataFrame:
    """Answers for everybody: no product and families without risk need no questionnaire."""
    catalogue = current_as_of(evidence["product"], as_of, "product_id").select(
        "product_id", "family", F.col("risk_level").alias("needed")
    )
    offered = candidates.select(*CANDIDATE, "product_id", "product_family")
    rows = offered.join(catalogue, on="product_id", how="left").join(
        _levels(evidence, as_of), on="customer_id", how="left"
    )
    family = F.coalesce("family", "product_family")
    no_product = F.col("product_id").isNull() & F.col("product_family").isNull()
    free = no_product | (F.col("family").isNotNull() & ~family.isin(*conf.suitability.families))
    recorded = F.coalesce(F.col("level.dual_recorded"), F.lit(False))
    must_record = F.col("needed") >= conf.suitability.dual_recording_from
    reason = first_reason(
        (free, "needs none"),
        (F.col("family").isNull(), "product not in the catalogue"),
        (F.col("needed").isNull(), "product without a risk level"),
        (F.col("level").isNull(), "no risk questionnaire"),
        (~F.coalesce(F.col("level.expires_on") >= F.lit(as_of), F.lit(False)), "risk questionnaire expired"),
        (~F.coalesce(F.col("level.risk_level") >= F.col("needed"), F.lit(False)), "product too risky"),
        (must_record & ~recorded, "not recorded"),
        otherwise="suitable",
    )
    allowed = reason.isin("needs none", "suitable")
    return rows.select(*answer(allowed, reason, F.col("level.assessed_on")))


def _levels(evidence: Evidence, as_of: date) -> DataFrame:
    """(customer_id, level): the last questionnaire; of several on one day the most cautious."""
    asked = current_as_of(evidence["suitability"], as_of, "party_id")
    mine = asked.join(evidence["crosswalk"].select("party_id", "customer_id"), on="party_id", how="inner")
    cautious = (-F.coalesce("risk_level", F.lit(0))).alias("cautious")
    last = F.max(F.struct("assessed_on", cautious, "risk_level", "expires_on", "dual_recorded"))
    return mine.groupBy("customer_id").agg(last.alias("level"))


SUITABILITY = Gate("suitability", decide, "suitability unknown")
