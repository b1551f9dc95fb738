"""The rule `vote`: each source's newest statement of a value weighs by how reliable the source is and how old it is.

A source that holds somebody twice says so once: its records repeat each other's mistakes.

A source that is right in a share r of its statements weighs ln(n r / (1 - r)), with n ways of being wrong: the log-odds that
a naive Bayes vote adds up (Dong, Berti-Équille and Srivastava 2009, VLDB 2 (1)); a source weighs nothing where that is below
0. Age halves a weight each half-life, counted from the attribute's newest statement: who wins doesn't depend on the day on
which it is asked, so a customer without news never changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.survivorship import LEAST_RELIABLE, Choice
from jobs.columns.lookup import looked_up

WAYS_OF_BEING_WRONG: Final = 10
STEP: Final = 1_000_000
"""Votes are counted in millionths of a weight: whole numbers add up alike in any order."""
NEWEST: Final = "_newest"


def weighed(stated: DataFrame, weight: Column, owner: Sequence[str]) -> DataFrame:
    """`stated` (owner, party_id, form, source, valid_from, …) with `_votes`: millionths of a weight that the row's form has together.

    `weight` is a row's own, as `weights` gives it.
    """
    of_attribute, of_form = Window.partitionBy(*owner), Window.partitionBy(*owner, "form")
    of_source = Window.partitionBy(*owner, "form", "source").orderBy(F.desc("_weight"), "party_id")
    newest = F.max(F.unix_date("valid_from")).over(of_attribute)
    first = F.row_number().over(of_source) == 1
    return (
        stated.withColumn(NEWEST, newest)
        .withColumn("_weight", F.round(weight * STEP).cast("bigint"))
        .withColumn("_vote", F.when(first, F.col("_weight")).otherwise(0))
        .withColumn("_votes", F.sum("_vote").over(of_form))
    )


def weights(choice: Choice) -> Column:
    """A row's weight under one choice: its source's, halved each half-life; a record without a date is the newest."""
    weight = _of_source(choice.reliability)
    if choice.half_life_days is None:
        return weight
    age = F.col(NEWEST) - F.unix_date("valid_from")
    return weight * F.pow(F.lit(2.0), -F.coalesce(age, F.lit(0)) / choice.half_life_days)


def weight_of(reliability: float) -> float:
    """What a source weighs that is right in this share of its statements."""
    return max(0.0, math.log(WAYS_OF_BEING_WRONG * reliability / (1 - reliability)))


def _of_source(reliability: dict[str, float]) -> Column:
    if not reliability:
        return F.lit(1.0)
    least = min(LEAST_RELIABLE, *reliability.values())
    told = {source: weight_of(share) for source, share in sorted(reliability.items())}
    return F.coalesce(looked_up(told, F.col("source")), F.lit(weight_of(least)))
