"""What the members of families and of corporate groups hold, owe and bring together."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.columns.money import MONEY, money, or_nothing
from jobs.core.schema import Column, column

AMOUNTS: Final = {
    "aum": "assets under management of all members",
    "deposits": "balances of accounts, overdrafts aside",
    "investments": "market value of funds, insurance and wealth products",
    "loans_outstanding": "owed on loans and overdrafts",
    "card_debt": "owed on cards at the last statement",
    "contribution": "interest and fee income of twelve months",
    "cost_of_risk": "expected loss of a year",
    "profit": "contribution less cost of risk and to serve, of twelve months",
}
"""Columns of gold.customer_value that add up: of a joint contract each member has a share there."""
COLUMNS: Final[tuple[Column, ...]] = (
    column("members", "int", level=2, category="financial", meaning="customers in it"),
    column("members_with_contract", "int", level=2, category="financial", meaning="of them, with a contract, now or in twelve months"),
    *(column(name, MONEY, level=4, category="financial", meaning=meaning) for name, meaning in AMOUNTS.items()),
)  # fmt: skip


def totals(members: DataFrame, value: DataFrame, key: str) -> DataFrame:
    """One row per `key` of `members` (customer_id, key): COLUMNS, summed over the members; who has no value adds nothing."""
    rows = members.select("customer_id", key).join(
        value.select("customer_id", *AMOUNTS, F.lit(1).alias("_has")), on="customer_id", how="left"
    )
    sums = [or_nothing(money(F.sum(name))).alias(name) for name in AMOUNTS]
    return rows.groupBy(key).agg(
        F.count("*").cast("int").alias("members"),
        F.count("_has").cast("int").alias("members_with_contract"),
        *sums,
    )
