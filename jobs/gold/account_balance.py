"""gold.account_balance: one row per contract and kind of balance: the last one known, and how it was reached.

Rules, the first that applies (column `rule`):
- delivered: the bank stated a balance (silver.balance) and nothing was booked after it;
- carried: the stated balance plus the signed sum of what was booked after it;
- summed: no stated balance, but the account was opened within the bookings at hand, so its opening balance
  is nought and the signed sum of all its bookings is its balance. Where bookings carry a balance, that of
  the last day nearest to the sum is taken: within a day the order of bookings isn't given, so the sum breaks
  the tie, and the bank's own figure (which may round interest otherwise) wins over ours;
- stated: the account is older than the bookings: the lowest balance stated on the last day.
`difference` is our sum less the bank's figure: what reconciliation tests.
"""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns.money import MONEY, money, or_nothing, signed
from jobs.columns.time import current
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import sent, shared

YEAR = timedelta(days=365)

SCHEMA = schema(
    column("account_id", "string", level=3, category="key", meaning="contract"),
    column("kind", "string", level=1, category="reference", meaning="closing, market_value or outstanding"),
    column("balance_on", "date", level=2, category="time", meaning="day of the balance or last booking"),
    column("balance", MONEY, level=4, category="financial", meaning="balance, negative when overdrawn"),
    column("average_balance", MONEY, level=4, category="financial", meaning="mean of the balances stated in twelve months, else the balance"),
    column("currency", "string", level=1, category="reference", meaning="ISO 4217"),
    column("rule", "string", level=1, category="technical", meaning="delivered, carried, summed or stated"),
    column("summed", MONEY, level=4, category="financial", meaning="signed sum of all bookings, where it is a balance"),
    column("difference", MONEY, level=4, category="financial", meaning="summed less the balance the bank stated"),
    key=("account_id", "kind"),
    subject="account_id",
)  # fmt: skip


def build(account_daily: DataFrame, balances: DataFrame, accounts: DataFrame, *, as_of: date) -> DataFrame:
    """The last known balances of every contract at the close of `as_of`."""
    anchors = shared(_anchors(balances, as_of))
    closing = anchors.where(F.col("kind") == "closing")
    other = anchors.where(F.col("kind") != "closing").select(
        *_common(), F.lit("delivered").alias("rule"), *_unreconciled()
    )
    moved = shared(_moved(account_daily, closing))
    unstated = moved.join(closing.select("account_id"), on="account_id", how="left_anti")
    summed = _summed(unstated, moved, account_daily, accounts)
    return other.unionByName(_carried(closing, moved)).unionByName(summed)


def _anchors(balances: DataFrame, as_of: date) -> DataFrame:
    """Last stated balance of each contract and kind, with the mean of those of the last twelve months."""
    last = F.max(F.struct("balance_on", "known_from", "balance", "currency")).alias("last")
    recent = F.when(F.col("balance_on") > F.lit(as_of - YEAR), F.col("balance"))
    by_kind = balances.where(F.col("balance_on") <= F.lit(as_of)).groupBy("account_id", "kind")
    return by_kind.agg(last, F.avg(recent).alias("mean")).select(
        "account_id",
        "kind",
        F.col("last.balance_on").alias("balance_on"),
        F.col("last.balance").alias("balance"),
        money(F.coalesce("mean", "last.balance")).alias("average_balance"),
        F.col("last.currency").alias("currency"),
    )


def _moved(account_daily: DataFrame, closing: DataFrame) -> DataFrame:
    """One row per account, in one pass over the bookings: what was booked after the stated balance (or at all,
    where none is stated), when last, and when anything was booked first.
    """
    stated = closing.select("account_id", F.col("balance_on").alias("_stated_on"))
    later = F.col("_stated_on").isNull() | (F.col("booked_on") > F.col("_stated_on"))
    amount = signed(F.col("amount"), F.col("direction"))
    # By currency first: an aggregate of text would sort the bookings instead of hashing them.
    by_currency = (
        account_daily.join(
            sent(stated, closing.count(), otherwise="shuffle_hash"), on="account_id", how="left"
        )
        .groupBy("account_id", "currency")
        .agg(
            F.sum(F.when(later, amount)).alias("_moved"),
            F.max(F.when(later, F.col("booked_on"))).alias("_moved_on"),
            F.min("booked_on").alias("_first_on"),
        )
    )
    return by_currency.groupBy("account_id").agg(
        F.sum("_moved").alias("_moved"),
        F.max("_moved_on").alias("_moved_on"),
        F.min("_first_on").alias("_first_on"),
        F.max("currency").alias("currency"),
    )


def _carried(closing: DataFrame, moved: DataFrame) -> DataFrame:
    """Stated balances, with what was booked after them."""
    moved = moved.drop("currency")
    joined = closing.join(moved, on="account_id", how="left")
    return joined.withColumns(
        {
            "rule": F.when(F.col("_moved_on").isNull(), "delivered").otherwise("carried"),
            "balance": money(F.col("balance") + or_nothing(F.col("_moved"))),
            "balance_on": F.coalesce("_moved_on", "balance_on"),
        }
    ).select(*_common(), "rule", *_unreconciled())


def _summed(
    unstated: DataFrame, moved: DataFrame, account_daily: DataFrame, accounts: DataFrame
) -> DataFrame:
    """Balances from bookings alone."""
    first = moved.agg(F.min("_first_on").alias("_data_from"))
    opened = current(accounts, "account_id").select("account_id", "opened_on")
    totals = unstated.select(
        "account_id", F.col("_moved").alias("_sum"), F.col("_moved_on").alias("balance_on"), "currency"
    )
    stated = _last_day(account_daily, totals)
    joined = totals.join(stated, on="account_id", how="left").join(opened, on="account_id", how="left")
    whole = F.col("opened_on") >= F.col("_data_from")
    based = joined.crossJoin(F.broadcast(first)).withColumn("summed", F.when(whole, money(F.col("_sum"))))
    figured = based.withColumn("_bank", _nearest(F.col("_stated"), F.col("summed")))
    return figured.withColumns(
        {
            "kind": F.lit("closing"),
            "balance": money(F.coalesce("_bank", "summed")),
            "average_balance": money(F.coalesce("_bank", "summed")),
            "rule": F.when(F.col("summed").isNull(), "stated").otherwise("summed"),
            "difference": money(F.col("summed") - F.col("_bank")),
        }
    ).select(*SCHEMA.names)


def _last_day(account_daily: DataFrame, totals: DataFrame) -> DataFrame:
    """Every balance stated on each account's last day of bookings."""
    last = totals.select("account_id", F.col("balance_on").alias("booked_on"))
    rows = account_daily.join(last, on=["account_id", "booked_on"], how="inner")
    return rows.groupBy("account_id").agg(F.flatten(F.collect_list("balances")).alias("_stated"))


def _nearest(stated: Column, summed: Column) -> Column:
    """The stated balance nearest to our sum, the lowest of equals; the lowest of all without a sum."""
    distances = F.transform(
        stated, lambda b: F.struct(F.abs(b - F.coalesce(summed, b)).alias("d"), b.alias("b"))
    )
    return F.array_min(distances)["b"]


def _common() -> list[str]:
    return ["account_id", "kind", "balance_on", "balance", "average_balance", "currency"]


def _unreconciled() -> list[Column]:
    return [F.lit(None).cast(MONEY).alias(c) for c in ("summed", "difference")]


JOB = Job(
    table="gold.account_balance",
    inputs={
        "account_daily": "gold.account_daily",
        "balances": "silver.balance",
        "accounts": "silver.account",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per contract and kind of balance: the last one known, and how it was reached",
)
