"""Who can still leave at a date: customers with a running contract who did something of late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.labels import ChurnLabel
from conf.models import ChurnSpec
from models.core.book import HOLDINGS, at_each, running_at, within
from models.core.splits import add_months

TABLES: Final = {HOLDINGS: "gold.customer_holding", "account_daily": "gold.account_daily"}


def candidates(frames: Mapping[str, DataFrame], spec: ChurnSpec, dates: Sequence[date]) -> DataFrame:
    """One row per customer and date (customer_id, as_of): with a running contract, and active before the date."""
    label = spec.label
    mine = contracts(frames[HOLDINGS], label)
    held = running_at(mine, dates, label.roles).select("customer_id", "as_of").distinct()
    active = activity(
        frames["account_daily"],
        mine,
        dates,
        label,
        lambda d: (
            within("booked_on", add_months(d, -label.active_within_months), d)
            & (F.col("known_from") <= F.lit(d))
        ),
    )
    return held.join(active, on=["customer_id", "as_of"], how="left_semi")


def contracts(holdings: DataFrame, label: ChurnLabel) -> DataFrame:
    """The contracts whose end is an end: those of the configured families."""
    return holdings.where(F.col("family").isin(*label.families))


def activity(
    account_daily: DataFrame,
    holdings: DataFrame,
    dates: Sequence[date],
    label: ChurnLabel,
    when: Callable[[date], Column],
) -> DataFrame:
    """(customer_id, as_of): customers with a booking of their own making on one of the days that `when` tells."""
    found = activities(account_daily, holdings, dates, label, {"moved": when})
    return found.where("moved").select("customer_id", "as_of")


def activities(
    account_daily: DataFrame,
    holdings: DataFrame,
    dates: Sequence[date],
    label: ChurnLabel,
    windows: Mapping[str, Callable[[date], Column]],
) -> DataFrame:
    """(customer_id, as_of, one flag a window): whether they booked something on the days that each window tells."""
    looked_at = reduce(or_, (when(d) for d in dates for when in windows.values()))
    own = account_daily.where(looked_at & ~F.col("kind").isin(*label.activity_kinds_ignored))
    by_account = at_each(
        own,
        ["account_id"],
        dates,
        lambda d: {name: F.coalesce(F.bool_or(when(d)), F.lit(False)) for name, when in windows.items()},
    )
    owners = holdings.where(F.col("role").isin(*label.roles)).select("customer_id", "account_id").distinct()
    mine = by_account.join(owners, on="account_id").groupBy("customer_id", "as_of")
    return mine.agg(*(F.bool_or(name).alias(name) for name in windows))
