"""How late debts were reported: loans in days past due, cards by statements whose least amount stayed unpaid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.labels import DefaultLabel
from models.core.splits import add_months

LATENESS: Final = {"arrears": "silver.arrears", "card_statement": "silver.card_statement"}
RUN_MONTHS: Final = 12
"""How far back a run of missed statements is counted; more of them say no more."""


def lateness(frames: Mapping[str, DataFrame], label: DefaultLabel, since: date) -> DataFrame:
    """(contract_id, reported_on, known_from, days): one row per contract and report after `since`.

    Of a loan the days past due as reported; of a card `days_a_statement` for each statement in a row, the last one
    included, that found less paid than the one before had asked for.
    """
    loans = frames["arrears"].select(
        F.col("loan_id").alias("contract_id"),
        "reported_on",
        "known_from",
        F.col("days_past_due").alias("days"),
    )
    told = loans.unionByName(_cards(frames["card_statement"], label, since))
    return told.where(F.col("reported_on") > F.lit(since))


def _cards(statements: DataFrame, label: DefaultLabel, since: date) -> DataFrame:
    """Statements with the length of the run of missed ones that they end; known once all of the run is known."""
    near = statements.where(F.col("statement_on") > F.lit(add_months(since, -RUN_MONTHS)))
    by_card = Window.partitionBy("card_id").orderBy("statement_on")
    missed = F.coalesce(F.col("paid_amount") < F.lag("minimum_due").over(by_card), F.lit(False))
    marked = near.select("card_id", "statement_on", "known_from", missed.alias("_missed"))
    runs = marked.withColumn("_run", F.count_if(~F.col("_missed")).over(by_card))
    in_run = Window.partitionBy("card_id", "_run").orderBy("statement_on")
    return runs.select(
        F.col("card_id").alias("contract_id"),
        F.col("statement_on").alias("reported_on"),
        F.max("known_from").over(in_run).alias("known_from"),
        (F.count_if("_missed").over(in_run) * label.days_a_statement).cast("int").alias("days"),
    )
