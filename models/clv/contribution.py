"""Contribution: margin on balances and card debt, bookings that are the bank's income, and yearly fees.

For each contract and month with a stated balance: |last balance of the month| × yearly margin ÷ 12, by the customer's
share; fee bookings as booked; a product's yearly fee by the days that the contract ran (as gold.customer_value does
over twelve months, but by month, so that any window can be summed). A loan whose balance is never stated counts as
repaid in equal parts over its term. Costs of risk and of serving aren't in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.labels import ClvLabel
from jobs.columns.lookup import looked_up
from jobs.columns.spans import days_running
from jobs.columns.time import current
from jobs.core.shared import shared
from models.core.book import HOLDINGS, within
from models.core.splits import add_months

Spans = Mapping[date, tuple[date, date]]
YEAR_DAYS: Final = 365


def contributed(
    frames: Mapping[str, DataFrame], label: ClvLabel, spans: Mapping[str, Spans], *, known_by: str | None
) -> DataFrame:
    """(customer_id, as_of, one column for each name in `spans`): contribution of each date's half-open span
    (after, until], all of them in one pass over the book.

    `known_by="as_of"` leaves out what the bank did not know at the date itself (features); None counts all that is
    known (labels). Every name must have the same dates.
    """
    contracts = shared(_priced(frames, label))
    every = [span for dated in spans.values() for span in dated.values()]
    window = (min(after for after, _ in every), max(until for _, until in every))
    flows = (
        _margins(frames, contracts, *window)
        .unionByName(_scheduled(frames, contracts, *window))
        .unionByName(_fees(frames, contracts, label, *window))
    )
    flowed = _at_dates(
        flows, spans, lambda day, span: F.sum(F.when(_counts(day, span, known_by), F.col("amount"))), "_flow"
    )
    fixed = _at_dates(contracts, spans, lambda _, span: F.sum(_yearly_fee(*span)), "_fixed")
    joined = fixed.join(flowed, on=["customer_id", "as_of"], how="left")
    nought = F.lit(0.0)
    totals = {n: F.coalesce(f"{n}_flow", nought) + F.coalesce(f"{n}_fixed", nought) for n in spans}
    return joined.select("customer_id", "as_of", *(F.round(t, 2).alias(n) for n, t in totals.items()))


def _at_dates(
    rows: DataFrame,
    spans: Mapping[str, Spans],
    total: Callable[[date, tuple[date, date]], Column],
    suffix: str,
) -> DataFrame:
    """One row per customer and date, with the total of each name's span in the column name + suffix."""
    dates = next(iter(spans.values()))
    at = [
        F.struct(
            F.lit(d).alias("as_of"),
            *(total(d, dated[d]).alias(name + suffix) for name, dated in spans.items()),
        )
        for d in dates
    ]
    return rows.groupBy("customer_id").agg(F.array(*at).alias("at")).select("customer_id", F.inline("at"))


def _priced(frames: Mapping[str, DataFrame], label: ClvLabel) -> DataFrame:
    """Contracts with share, yearly margin and fee (doubles), the catalogue's before the configured."""
    catalogue = current(frames["product"], "product_id").select("product_id", "margin", "fee")
    usual = looked_up(label.margins, F.col("family"))
    mine = frames[HOLDINGS].where(F.col("role").isin(*label.roles))
    return mine.join(F.broadcast(catalogue), on="product_id", how="left").select(
        "customer_id", "contract_id", "family", "opened_on", "closed_on",
        F.col("share").cast("double").alias("share"),
        F.coalesce(F.col("margin").cast("double"), usual, F.lit(0.0)).alias("margin"),
        F.coalesce(F.col("fee").cast("double"), F.lit(0.0)).alias("fee"),
    )  # fmt: skip


def _margins(frames: Mapping[str, DataFrame], contracts: DataFrame, after: date, until: date) -> DataFrame:
    """(customer_id, on, known_from, amount): the margin of each month's last stated balance.

    Only of the months that (after, until] touches, each whole.
    """
    stated = frames["balance"].select(
        F.col("account_id").alias("contract_id"),
        "kind",
        F.col("balance_on").alias("on"),
        "known_from",
        "balance",
    )
    cards = frames["card_statement"].select(
        F.col("card_id").alias("contract_id"), F.lit("outstanding").alias("kind"), F.col("statement_on").alias("on"),
        "known_from", "balance",
    )  # fmt: skip
    near = F.col("on").between(F.trunc(F.lit(after), "month"), F.last_day(F.lit(until)))
    every = stated.unionByName(cards).where(near).withColumn("month", F.trunc("on", "month"))
    last = every.groupBy("contract_id", "kind", "month").agg(
        F.max(F.struct("on", "known_from", F.abs(F.col("balance").cast("double")).alias("balance"))).alias(
            "last"
        )
    )
    priced = last.select("contract_id", "last.*").join(contracts, on="contract_id", how="inner")
    earned = F.col("balance") * F.col("margin") * F.col("share") / 12
    return priced.select("customer_id", "on", "known_from", earned.alias("amount"))


def _scheduled(frames: Mapping[str, DataFrame], contracts: DataFrame, after: date, until: date) -> DataFrame:
    """(customer_id, on, known_from, amount): the margin at each month's end of loans without a stated balance."""
    stated = frames["balance"].select(F.col("account_id").alias("contract_id"))
    first = frames["loan"].groupBy("loan_id").agg(F.min("known_from").alias("_first"))
    loans = current(frames["loan"], "loan_id").join(first, on="loan_id", how="inner").select(
        F.col("loan_id").alias("contract_id"), "granted_on", "term_months", F.col("amount").cast("double"), "_first"
    )  # fmt: skip
    silent = loans.join(stated, on="contract_id", how="left_anti").join(
        contracts, on="contract_id", how="inner"
    )
    ends = [F.lit(d) for d in _month_ends(after, until)]
    monthly = silent.withColumn("on", F.explode(F.array(*ends)))
    gone = F.floor(F.months_between(F.col("on"), F.col("granted_on"))) / F.col("term_months")
    running = (F.col("granted_on") <= F.col("on")) & F.coalesce(F.col("closed_on") > F.col("on"), F.lit(True))
    owed = F.col("amount") * F.greatest(F.lit(0.0), 1 - gone)
    earned = owed * F.col("margin") * F.col("share") / 12
    return monthly.where(running).select(
        "customer_id", "on", F.col("_first").alias("known_from"), earned.alias("amount")
    )


def _month_ends(after: date, until: date) -> list[date]:
    """Month ends in (after, until]."""
    first = add_months(date(after.year, after.month, 1), 1) - timedelta(days=1)
    months = range((until.year - after.year) * 12 + until.month - after.month + 1)
    return [d for d in (add_months(first, i) for i in months) if after < d <= until]


def _fees(
    frames: Mapping[str, DataFrame], contracts: DataFrame, label: ClvLabel, after: date, until: date
) -> DataFrame:
    """(customer_id, on, known_from, amount): bookings of (after, until] that are the bank's income."""
    income = frames["account_daily"].where(
        within("booked_on", after, until)
        & (F.col("direction") == "debit")
        & F.col("kind").isin(*label.fee_kinds)
    )
    booked = income.select(
        F.col("account_id").alias("contract_id"), F.col("booked_on").alias("on"), "known_from", "amount"
    )
    mine = booked.join(contracts, on="contract_id", how="inner")
    amount = F.col("amount").cast("double") * F.col("share")
    return mine.select("customer_id", "on", "known_from", amount.alias("amount"))


def _counts(day: date, span: tuple[date, date], known_by: str | None) -> Column:
    inside = within("on", *span)
    return inside & (F.col("known_from") <= F.lit(day)) if known_by else inside


def _yearly_fee(after: date, until: date) -> Column:
    ran = days_running(F.col("opened_on"), F.col("closed_on"), after, until)
    return F.col("fee") * F.col("share") * ran / YEAR_DAYS
