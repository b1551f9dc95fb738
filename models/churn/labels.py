"""Who left, and when: by a horizon every contract ended, or the money was gone and nobody came any more.

Gone by a horizon is who is gone then and at every later horizon: whoever comes back hasn't left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import and_
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.labels import ChurnLabel
from conf.models import ChurnSpec
from models.churn.features import activities, contracts
from models.core.book import HOLDINGS, at_each, horizon_end, running_at, within
from models.core.splits import add_months
from models.core.trainable import GONE, GONE_ON

TABLES: Final = {"balance": "silver.balance"}
KEY: Final = ["customer_id", "as_of"]
OWN_MONEY: Final = ("closing", "market_value")


def outcomes(
    frames: Mapping[str, DataFrame], spec: ChurnSpec, rows: DataFrame, dates: Sequence[date]
) -> DataFrame:
    """The candidates with label 1.0 for those who left by the end of the longest horizon, else 0.0.

    Beside it GONE + months (1.0 or 0.0) for each horizon, and GONE_ON: the day on which all was closed, else the end
    of the first horizon by which they were gone; null for those who stay.
    """
    label, ends = spec.label, spec.periods
    mine = contracts(frames[HOLDINGS], label)
    held = running_at(mine, dates, label.roles)
    silences = {f"seen_{m}": lambda d, m=m: _silence(d, m, label) for m in ends}
    seen = activities(frames["account_daily"], mine, dates, label, silences)
    told = rows
    for part in (_closed(held, ends), _balances(frames, held, dates, ends), seen):
        told = told.join(part, on=KEY, how="left")
    states = {m: _left(m, label) for m in ends}
    gone = {m: reduce(and_, (states[later] for later in ends if later >= m)) for m in ends}
    numbers = [gone[m].cast("double").alias(f"{GONE}{m}") for m in ends]
    marked = told.select(*rows.columns, "closed_on", gone[ends[-1]].cast("double").alias("label"), *numbers)
    return marked.withColumn(GONE_ON, _gone_on(ends)).drop("closed_on")


def _silence(day: date, months: int, label: ChurnLabel) -> Column:
    """Days in the last months of the horizon that begins at `day`."""
    end = add_months(day, months)
    return within("booked_on", add_months(end, -label.silent_months), end)


def _closed(held: DataFrame, ends: Sequence[int]) -> DataFrame:
    """(customer_id, as_of, closed_on, closed_1 …): whether every contract held had ended by each horizon's end."""
    by = {m: F.coalesce(F.col("closed_on") <= horizon_end(m), F.lit(False)) for m in ends}
    last = F.when(F.bool_and(by[ends[-1]]), F.max("closed_on")).alias("closed_on")
    return held.groupBy(*KEY).agg(last, *(F.bool_and(by[m]).alias(f"closed_{m}") for m in ends))


def _left(months: int, label: ChurnLabel) -> Column:
    """Whether at the horizon's end all was closed, or the money gone and the last months silent."""
    emptied = (F.col("before") >= label.min_balance) & (
        F.col(f"after_{months}") < F.col("before") * label.emptied_below_share
    )
    silent = ~F.coalesce(F.col(f"seen_{months}"), F.lit(False))
    return F.coalesce(F.col(f"closed_{months}"), F.lit(False)) | (F.coalesce(emptied, F.lit(False)) & silent)


def _gone_on(ends: Sequence[int]) -> Column:
    """The day of leaving, of those who left."""
    first = F.coalesce(*(F.when(F.col(f"{GONE}{m}") > 0, horizon_end(m)) for m in ends))
    return F.when(first.isNotNull(), F.coalesce("closed_on", first))


def _balances(
    frames: Mapping[str, DataFrame], held: DataFrame, dates: Sequence[date], ends: Sequence[int]
) -> DataFrame:
    """(customer_id, as_of, before, after_1 …): own money in the contracts held, at the date and at each horizon's end."""
    known = at_each(
        _stated(frames),
        ["contract_id"],
        dates,
        lambda d: {"before": _last(d), **{f"after_{m}": _last(add_months(d, m)) for m in ends}},
    )
    share = F.col("share").cast("double")
    both = held.join(known, on=["contract_id", "as_of"], how="inner")
    after = [F.sum(_still(m, F.col(f"after_{m}") * share)).alias(f"after_{m}") for m in ends]
    return both.groupBy(*KEY).agg(F.sum(F.col("before") * share).alias("before"), *after)


def _still(months: int, amount: Column) -> Column:
    """The amount where the contract still runs at the horizon's end, else nothing."""
    running = F.col("closed_on").isNull() | (F.col("closed_on") > horizon_end(months))
    return F.when(running, amount).otherwise(0.0)


def _stated(frames: Mapping[str, DataFrame]) -> DataFrame:
    """(contract_id, on, balance): balances as stated, and as bookings brought them along."""
    stated = (
        frames["balance"]
        .where(F.col("kind").isin(*OWN_MONEY))
        .select(
            F.col("account_id").alias("contract_id"),
            F.col("balance_on").alias("on"),
            F.col("balance").cast("double"),
        )
    )
    booked = (
        frames["account_daily"]
        .where(F.size("balances") > 0)
        .select(
            F.col("account_id").alias("contract_id"),
            F.col("booked_on").alias("on"),
            F.array_min("balances").cast("double").alias("balance"),
        )
    )
    return stated.unionByName(booked)


def _last(until: date) -> Column:
    """The balance last stated by `until`."""
    return F.max(F.when(F.col("on") <= F.lit(until), F.struct("on", "balance")))["balance"]
