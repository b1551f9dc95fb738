"""Who took up which product after a date, within the horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.models import CrossSellSpec
from models.core.book import HOLDINGS, at_each, within
from models.core.splits import add_months
from models.cross_sell.features import adoptions


def outcomes(
    frames: Mapping[str, DataFrame], spec: CrossSellSpec, rows: DataFrame, dates: Sequence[date]
) -> DataFrame:
    """The candidates with label 1.0 where the customer took the product up in (as_of, as_of + horizon], else 0.0."""
    taken = at_each(
        adoptions(frames[HOLDINGS], spec.label),
        ["customer_id", "product_id"],
        dates,
        lambda d: {"label": F.max(within("opened_on", d, add_months(d, spec.horizon_months)).cast("double"))},
    ).where(F.col("label") > 0)
    joined = rows.join(taken, on=["customer_id", "product_id", "as_of"], how="left")
    return joined.withColumn("label", F.coalesce("label", F.lit(0.0)))
