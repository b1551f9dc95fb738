"""Spans of days: whether something runs on a day, how long it overlaps a window, and spells from a log."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window


def begun(opened_on: Column, day: date) -> Column:
    """Whether it had begun by the close of `day`; what has no first day has always been there."""
    return F.coalesce(opened_on <= F.lit(day), F.lit(True))


def running(opened_on: Column, closed_on: Column, day: date) -> Column:
    """Whether it had begun and not ended at the close of `day`; it ends on its last day."""
    return begun(opened_on, day) & F.coalesce(closed_on > F.lit(day), F.lit(True))


def days_running(opened_on: Column, closed_on: Column, after: date, until: date) -> Column:
    """Days (int, not negative) of the half-open window (after, until] on which it ran."""
    start = F.greatest(F.coalesce(F.date_sub(opened_on, 1), F.lit(after)), F.lit(after))
    end = F.least(F.coalesce(closed_on, F.lit(until)), F.lit(until))
    return F.greatest(F.datediff(end, start), F.lit(0))


def standing(log: DataFrame, *key: str, at: date) -> DataFrame:
    """The rows of a History log that stood at the close of a date: each key's last one, unless it had ended."""
    told = F.struct(*[c for c in log.columns if c not in key])
    known = log.where(F.col("valid_from") <= F.lit(at))
    last = known.groupBy(*key).agg(F.max_by(told, "valid_from").alias("_last"))
    return last.select(*key, "_last.*").where(~F.col("is_deleted"))


def spells(log: DataFrame, *key: str) -> DataFrame:
    """Membership as spells from a History log: one row per key and stay, `entered_on` and `left_on`.

    The log has a row with is_deleted = false when a key enters (or its content changes: the stay goes on)
    and one with is_deleted = true when it leaves. `left_on` is null while the stay lasts.
    """
    in_order = Window.partitionBy(*key).orderBy("valid_from")
    gone_before = F.coalesce(F.lag("is_deleted").over(in_order), F.lit(True))
    turns = log.withColumn("_before", gone_before).where(F.col("_before") != F.col("is_deleted"))
    left = F.lead("valid_from").over(in_order)
    spans = turns.withColumn("left_on", left).where(~F.col("is_deleted"))
    return spans.select(*key, F.col("valid_from").alias("entered_on"), "left_on")
