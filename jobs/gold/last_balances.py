"""The last known balance of every contract: stated, on a card's last statement, or a loan's by its schedule."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.columns.money import money, nothing
from jobs.columns.time import current


def last_balances(balances: DataFrame, loans: DataFrame, statements: DataFrame, as_of: date) -> DataFrame:
    """(contract_id, _balance, _average): the last known balance of each contract, debts positive."""
    stated = balances.select(
        F.col("account_id").alias("contract_id"), F.col("kind").alias("_of"),
        F.when(F.col("kind") == "outstanding", F.abs("balance")).otherwise(F.col("balance")).alias("_balance"),
        F.abs("average_balance").alias("_average"),
    )  # fmt: skip
    left = _repaid_evenly(current(loans, "loan_id"), as_of)
    scheduled = left.join(stated.select("contract_id"), on="contract_id", how="left_anti")
    cards = last_of(statements, "card_id", "statement_on", "balance").select(
        F.col("card_id").alias("contract_id"), F.lit("outstanding").alias("_of"),
        F.col("balance").alias("_balance"), F.abs("balance").alias("_average"),
    )  # fmt: skip
    carded = cards.join(stated.select("contract_id"), on="contract_id", how="left_anti")
    every = stated.unionByName(scheduled).unionByName(carded)
    return every.groupBy("contract_id").agg(
        F.sum("_balance").alias("_balance"), F.sum("_average").alias("_average")
    )


def _repaid_evenly(loans: DataFrame, as_of: date) -> DataFrame:
    """What is left of a loan repaid in equal parts over its term; nothing once it is over."""
    gone = F.floor(F.months_between(F.lit(as_of), F.col("granted_on")))
    repaid = F.coalesce(gone / F.nullif(F.col("term_months"), F.lit(0)), F.lit(0))
    left = F.greatest(F.lit(0), 1 - repaid)
    over = F.coalesce(F.col("status").isin("finished", "written_off"), F.lit(False))
    owed = money(F.when(over, nothing()).otherwise(F.col("amount") * left.cast("decimal(9,6)")))
    return loans.where(F.col("granted_on") <= F.lit(as_of)).select(
        F.col("loan_id").alias("contract_id"), F.lit("outstanding").alias("_of"),
        owed.alias("_balance"), money((owed + F.col("amount")) / 2).alias("_average"),
    )  # fmt: skip


def last_of(rows: DataFrame, key: str, on: str, value: str) -> DataFrame:
    """(key, value): the value of each key's last row by date and knowledge."""
    last = F.max(F.struct(on, "known_from", value))
    return rows.groupBy(key).agg(last[value].alias(value))
