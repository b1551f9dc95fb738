"""Complaints as they stand, with their words, and what they were found to be about."""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns.time import current

TARGETS: Final = {"cause": "cause", "product": "product_id"}
"""Target → the column that labels it."""


def told(complaint: DataFrame, text: DataFrame) -> DataFrame:
    """Each complaint as it stands, with its words (text; null where it has none)."""
    return current(complaint, "complaint_id").join(words(text), on="complaint_id", how="left")


def words(text: DataFrame) -> DataFrame:
    """(complaint_id, text) of each complaint's last words."""
    said = F.nullif(F.trim("text"), F.lit("")).alias("text")
    return current(text, "complaint_id").select("complaint_id", said)


def classed(topic: DataFrame, as_of: date, months: int) -> DataFrame:
    """One row per complaint and target with a class: complaint_id, party_id, received_on, target, class_name, given.

    Of the last `months` calendar months up to `as_of`, that one included.
    """
    first = F.add_months(F.trunc(F.lit(as_of), "month"), 1 - months)
    recent = topic.where(F.col("received_on").between(first, F.lit(as_of)))
    each = F.inline(F.array(*(_entry(target, label) for target, label in TARGETS.items())))
    return recent.select("complaint_id", "party_id", "received_on", each).where("class_name IS NOT NULL")


def _entry(target: str, label: str) -> Column:
    return F.struct(
        F.lit(target).alias("target"),
        F.col(label).alias("class_name"),
        F.col(f"{target}_given").alias("given"),
    )
