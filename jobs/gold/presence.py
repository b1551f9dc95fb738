"""How long a customer is there, and what that is worth: months of presence, discounted and not, from a survival curve.

The curve is S at some months; between two of them leaving has a constant monthly hazard h, and beyond the last the last
one's. With v = (1 + d)^(−1/12), d the yearly rate of discount, what pays 1 at the end of each month to who is still
there is worth Σ_{t=1..T} S(t) v^t; over a span (a, b] that is S(a) v^a · q (1 − q^n) / (1 − q), q = (1 − h) v, n = b − a.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

YEAR: Final = 12
LONG: Final = 36
HORIZONS: Final = (YEAR, LONG)
NEARLY_ONE: Final = 1 - 1e-12


def presence(curves: DataFrame, by: Sequence[str], rate: float) -> DataFrame:
    """One row per `by`: survival_12m, survival_36m, months_12m (expected months there) and worth_12m, worth_36m (the
    same, discounted by `rate` a year).

    `curves`: `by`, months (int), survival; one row per month that the curve is known at.
    """
    spans = _spans(curves, by)
    left = [F.max(_survival(m)).alias(f"survival_{m}m") for m in HORIZONS]
    worth = [F.sum(_worth(m, rate)).alias(f"worth_{m}m") for m in HORIZONS]
    return spans.groupBy(*by).agg(*left, F.sum(_worth(YEAR, 0.0)).alias(f"months_{YEAR}m"), *worth)


def mean_curve(curves: DataFrame) -> DataFrame:
    """(months, survival): the mean of all, for whom no curve is known."""
    return curves.groupBy("months").agg(F.avg("survival").alias("survival"))


def _spans(curves: DataFrame, by: Sequence[str]) -> DataFrame:
    """The curve span by span: _from, _until (months), _there (survival at its start) and _stays (monthly, 1 − h)."""
    in_order = Window.partitionBy(*by).orderBy("months")
    start = F.coalesce(F.lag("months").over(in_order), F.lit(0))
    there = F.coalesce(F.lag("survival").over(in_order), F.lit(1.0))
    stays = F.when(there > 0, F.pow(F.col("survival") / there, 1 / (F.col("months") - start))).otherwise(0.0)
    last = F.lead("months").over(in_order).isNull()
    until = F.when(last, F.greatest(F.col("months"), F.lit(LONG))).otherwise(F.col("months"))
    return curves.select(
        *by, start.alias("_from"), until.alias("_until"), there.alias("_there"), stays.alias("_stays")
    )


def _survival(month: int) -> Column:
    """Survival at a month, of the span that holds it."""
    inside = (F.col("_from") < month) & (F.col("_until") >= month)
    return F.when(inside, F.col("_there") * F.pow(F.col("_stays"), month - F.col("_from")))


def _worth(month: int, rate: float) -> Column:
    """What a span's months up to `month` are worth; see the module."""
    v = (1 + rate) ** (-1 / YEAR)
    n = F.greatest(F.least(F.col("_until"), F.lit(month)) - F.col("_from"), F.lit(0))
    q = F.col("_stays") * v
    series = F.when(q >= NEARLY_ONE, n.cast("double")).otherwise(q * (1 - F.pow(q, n)) / (1 - q))
    return F.col("_there") * F.pow(F.lit(v), F.col("_from")) * series
