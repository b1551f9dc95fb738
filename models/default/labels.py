"""Who fell into default after a date: a debt of theirs was reported so many days past due within the horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.models import DefaultSpec
from models.core.book import at_each
from models.core.splits import add_months
from models.default.features import reports


def outcomes(
    frames: Mapping[str, DataFrame], spec: DefaultSpec, rows: DataFrame, dates: Sequence[date]
) -> DataFrame:
    """The candidates with label 1.0 for those in default in (as_of, as_of + horizon], else 0.0.

    A report counts once it is known: one that arrives after the horizon's end doesn't, at any date, so that old and
    new dates are judged alike.
    """
    bad = reports(frames, spec.label, min(dates)).where(F.col("days") >= spec.label.days_past_due)
    fell = at_each(
        bad,
        ["customer_id"],
        dates,
        lambda d: {"_fell": F.max(F.when(_in_horizon(d, spec.horizon_months), 1.0))},
    )
    told = rows.join(fell, on=["customer_id", "as_of"], how="left")
    return told.withColumn("label", F.coalesce("_fell", F.lit(0.0))).drop("_fell")


def _in_horizon(day: date, months: int) -> Column:
    known = F.col("known_from") <= F.lit(add_months(day, months))
    return (F.col("reported_on") > F.lit(day)) & known
