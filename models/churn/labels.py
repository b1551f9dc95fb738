"""Who left: within the horizon every contract ended, or the money was gone and nobody came any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.models import ChurnLabel, ChurnSpec
from models.churn.features import activity, contracts
from models.core.book import HOLDINGS, at_each, horizon_end, running_at, within
from models.core.splits import add_months

TABLES: Final = {"balance": "silver.balance"}
KEY: Final = ["customer_id", "as_of"]
OWN_MONEY: Final = ("closing", "market_value")


def outcomes(
    frames: Mapping[str, DataFrame], spec: ChurnSpec, rows: DataFrame, dates: Sequence[date]
) -> DataFrame:
    """The candidates with label 1.0 for those who left by the end of the horizon, else 0.0."""
    label, months = spec.label, spec.horizon_months
    mine = contracts(frames[HOLDINGS], label)
    held = running_at(mine, dates, label.roles)
    ended = F.coalesce(F.col("closed_on") <= horizon_end(months), F.lit(False))
    closed = held.groupBy(*KEY).agg(F.bool_and(ended).alias("closed"))
    seen = activity(frames["account_daily"], mine, dates, label, lambda d: _silence(d, months, label))
    money = _balances(frames, held, dates, months)
    joined = rows.join(closed, on=KEY, how="left").join(money, on=KEY, how="left")
    told = joined.join(seen.withColumn("seen", F.lit(True)), on=KEY, how="left")
    emptied = (F.col("before") >= label.min_balance) & (
        F.col("after") < F.col("before") * label.emptied_below_share
    )
    left = F.coalesce("closed", F.lit(False)) | (F.coalesce(emptied, F.lit(False)) & F.col("seen").isNull())
    return told.select(*rows.columns, left.cast("double").alias("label"))


def _silence(day: date, months: int, label: ChurnLabel) -> Column:
    """Days in the last months of the horizon that begins at `day`."""
    end = add_months(day, months)
    return within("booked_on", add_months(end, -label.silent_months), end)


def _balances(
    frames: Mapping[str, DataFrame], held: DataFrame, dates: Sequence[date], months: int
) -> DataFrame:
    """(customer_id, as_of, before, after): own money in the contracts held, at the date and after the horizon."""
    stated = (
        frames["balance"]
        .where(F.col("kind").isin(*OWN_MONEY))
        .select(
            F.col("account_id").alias("contract_id"),
            F.col("balance_on").alias("on"),
            F.col("balance").cast("double"),
        )
    )
    after_booking = (
        frames["account_daily"]
        .where(F.size("balances") > 0)
        .select(
            F.col("account_id").alias("contract_id"),
            F.col("booked_on").alias("on"),
            F.array_min("balances").cast("double").alias("balance"),
        )
    )
    known = at_each(
        stated.unionByName(after_booking),
        ["contract_id"],
        dates,
        lambda d: {"before": _last(d), "after": _last(add_months(d, months))},
    )
    running = F.col("closed_on").isNull() | (F.col("closed_on") > horizon_end(months))
    share = F.col("share").cast("double")
    both = held.join(known, on=["contract_id", "as_of"], how="inner")
    return both.groupBy(*KEY).agg(
        F.sum(F.col("before") * share).alias("before"),
        F.sum(F.when(running, F.col("after") * share).otherwise(0.0)).alias("after"),
    )


def _last(until: date) -> Column:
    """The balance last stated by `until`."""
    return F.max(F.when(F.col("on") <= F.lit(until), F.struct("on", "balance")))["balance"]
