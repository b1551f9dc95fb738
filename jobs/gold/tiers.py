"""Value tiers: the best share of customers by a measure, without sorting the whole bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.profile import Tier

FIGURES: Final = 3
"""Significant figures by which customers are ranked: some thousand steps from cents to billions."""


def with_tier(rows: DataFrame, measure: str, tiers: Sequence[Tier]) -> DataFrame:
    """`rows` with `value_tier`; those without a positive measure are in the last tier.

    Customers are counted by their measure rounded down to three significant figures; a tier reaches down to
    the step that its share of all customers falls in. The counts are small whatever the size of the bank,
    and exact, so that the same customers get the same tiers on any number of machines.
    """
    stepped = rows.withColumn("_step", _step(F.col(measure)))
    counts = stepped.groupBy("_step").agg(F.count("*").alias("_n"))
    down = Window.orderBy(F.desc("_step"))  # over the steps, not over the customers
    above = F.coalesce(F.sum("_n").over(down.rowsBetween(Window.unboundedPreceding, -1)), F.lit(0))
    share = above / F.sum("_n").over(Window.partitionBy())
    named = counts.withColumn("value_tier", _tier(share, tiers)).select("_step", "value_tier")
    return stepped.join(F.broadcast(named), on="_step", how="left").drop("_step")


def _step(measure: Column) -> Column:
    """The measure rounded down to its leading figures; nothing, null and debt are one step."""
    value = measure.cast("double")
    magnitude = F.pow(F.lit(10.0), F.floor(F.log10(value)) - (FIGURES - 1))
    return F.when(value > 0, F.round(F.floor(value / magnitude) * magnitude, 4)).otherwise(F.lit(0.0))


def _tier(share_above: Column, tiers: Sequence[Tier]) -> Column:
    """The first tier that isn't yet full of better customers; a step of no value is in the last."""
    tier = F.lit(tiers[-1].name)
    for candidate in reversed(tiers[:-1]):
        tier = F.when((share_above < candidate.top_share) & (F.col("_step") > 0), candidate.name).otherwise(
            tier
        )
    return tier
