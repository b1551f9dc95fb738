"""Who owes and isn't in default at a date, and how late they are and were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.labels import DefaultLabel
from conf.models import DefaultSpec
from models.core.book import HOLDINGS, at_each, running_at, within
from models.core.splits import add_months
from models.default.lateness import LATENESS, lateness

TABLES: Final = {HOLDINGS: "gold.customer_holding", **LATENESS}
KEY: Final = ["customer_id", "as_of"]
CONTEXT: Final = ("past_due_now", "past_due_worst_12m")
"""Days past due by the reports that stand at the date, and the most in the year before it."""


def candidates(frames: Mapping[str, DataFrame], spec: DefaultSpec, dates: Sequence[date]) -> DataFrame:
    """One row per customer and date (customer_id, as_of, CONTEXT): with a running loan or card, and not too late already."""
    label = spec.label
    held = running_at(borrowed(frames[HOLDINGS], label), dates, label.roles).select(*KEY).distinct()
    told = held.join(_late_at(frames, label, dates), on=KEY, how="left").fillna(0, subset=list(CONTEXT))
    return told.where(F.col("past_due_now") <= label.most_days_past_due)


def borrowed(holdings: DataFrame, label: DefaultLabel) -> DataFrame:
    """The contracts that are debts: those of the configured families."""
    return holdings.where(F.col("family").isin(*label.families))


def reports(frames: Mapping[str, DataFrame], label: DefaultLabel, since: date) -> DataFrame:
    """Each report after `since` of how late a contract is, once for each customer who answers for it.

    (customer_id, contract_id, reported_on, known_from, days).
    """
    debts = borrowed(frames[HOLDINGS], label).where(F.col("role").isin(*label.roles))
    mine = debts.select("customer_id", "contract_id").distinct()
    return lateness(frames, label, since).join(mine, on="contract_id", how="inner")


def _late_at(frames: Mapping[str, DataFrame], label: DefaultLabel, dates: Sequence[date]) -> DataFrame:
    """(customer_id, as_of, CONTEXT) from what was known at each date; of several contracts the worst."""
    told = reports(frames, label, add_months(min(dates), -12))
    last = F.struct("reported_on", "days")
    by_contract = at_each(
        told.where(F.col("known_from") <= F.lit(max(dates))),
        ["customer_id", "contract_id"],
        dates,
        lambda d: {
            "_last": F.max(F.when(_known(d) & _stands(d, label), last))["days"],
            "_worst": F.max(F.when(_known(d) & within("reported_on", add_months(d, -12), d), F.col("days"))),
        },
    )
    return by_contract.groupBy(*KEY).agg(
        F.max("_last").alias(CONTEXT[0]),
        F.max("_worst").alias(CONTEXT[1]),
    )


def _known(day: date) -> Column:
    return F.col("known_from") <= F.lit(day)


def _stands(day: date, label: DefaultLabel) -> Column:
    """A report speaks for so many days: sources report who is late, not who has caught up."""
    return (F.col("reported_on") <= F.lit(day)) & (
        F.col("reported_on") > F.date_sub(F.lit(day), label.report_days)
    )
