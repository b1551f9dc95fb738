"""Profiles with their latest scores: what segments are cut from and audience lists show."""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.core.job import IfAny, Input

SCORES: Final[dict[str, Input]] = {
    "clv": IfAny("models.clv_score"),
    "churn": IfAny("models.churn_score"),
    "cross_sell": IfAny("models.cross_sell_score"),
}
"""Models whose scores foretell what customers do."""
UPLIFT: Final = "uplift"
TARGETING: Final[dict[str, Input]] = {**SCORES, UPLIFT: IfAny("models.uplift")}
"""Inputs of whoever calls `scored`."""
WATCHED: Final[dict[str, Input]] = {**SCORES, "default": IfAny("models.default_score")}
"""Every model's scores: what is watched for drift and outcomes. Who may not pay is no matter of segments and lists."""
TRAINED: Final = (*WATCHED, UPLIFT)
"""Every model of the book that is trained."""

SCORE_COLUMNS: Final = (
    "expected_value", "value_percentile", "value_reasons", "churn_probability", "churn_percentile",
    "churn_reasons", "offer_product_id", "offer_family", "offer_probability", "offer_reasons",
    "uplift_goal", "uplift_effect", "uplift_effects", "uplift_percentiles",
)  # fmt: skip


def scored(
    profile: DataFrame,
    *,
    clv: DataFrame,
    churn: DataFrame,
    cross_sell: DataFrame,
    uplift: DataFrame,
    as_of: date,
) -> DataFrame:
    """`profile` with SCORE_COLUMNS of each model's last scoring by `as_of`; null where there is no score.

    The offer is the next best one; null where none is worth its contact. uplift_effects and uplift_percentiles are maps by
    campaign goal; uplift_goal is the goal that moves most, uplift_effect by how much.
    """
    value = latest(clv, as_of).select(
        "customer_id", "expected_value", F.col("percentile").alias("value_percentile"),
        F.col("reasons").alias("value_reasons"),
    )  # fmt: skip
    leaving = latest(churn, as_of).select(
        "customer_id", F.col("probability").alias("churn_probability"),
        F.col("percentile").alias("churn_percentile"), F.col("reasons").alias("churn_reasons"),
    )  # fmt: skip
    worth_it = (F.col("rank") == 1) & (F.col("expected_value") > 0)
    best = latest(cross_sell, as_of).where(worth_it).select(
        "customer_id", F.col("product_id").alias("offer_product_id"), F.col("family").alias("offer_family"),
        F.col("probability").alias("offer_probability"), F.col("reasons").alias("offer_reasons"),
    )  # fmt: skip
    rows = profile
    for scores in (value, leaving, best, _moved(latest(uplift, as_of))):
        rows = rows.join(scores, on="customer_id", how="left")
    return rows


def _moved(uplift: DataFrame) -> DataFrame:
    """One row per customer: effects by goal, and the goal of the greatest; of equal ones the last by name."""
    return uplift.groupBy("customer_id").agg(
        F.max_by("goal", F.struct("effect", "goal")).alias("uplift_goal"),
        F.max("effect").alias("uplift_effect"),
        _by_goal("effect").alias("uplift_effects"),
        _by_goal("percentile").alias("uplift_percentiles"),
    )


def _by_goal(name: str) -> Column:
    return F.map_from_entries(F.sort_array(F.collect_list(F.struct("goal", name))))


def latest(scores: DataFrame, as_of: date) -> DataFrame:
    """The rows of the last scoring at or before `as_of`."""
    known = scores.where(F.col("as_of") <= F.lit(as_of))
    last = known.agg(F.max("as_of").alias("as_of"))
    return known.join(F.broadcast(last), on="as_of", how="inner")
