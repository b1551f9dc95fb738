"""Whether the matching looks as on the last good day: what a person must look at before lists go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.watch import WatchConf, jumps
from jobs.core.catalog import Lake

WATCHED: Final = "identity.watch"
DAYS: Final = 90
"""How far back the last good day is looked for."""
Days = Mapping[date, Mapping[str, float]]


def refused(lake: Lake, spark: SparkSession, bank: Bank, as_of: date) -> str | None:
    """Why no list may go out on `as_of`, in words; None where nothing jumped, or nothing was measured."""
    if lake.version(WATCHED) is None:
        return None
    days = measured(lake.read(spark, WATCHED), as_of)
    told = refusals(days, bank.section("watch", WatchConf), as_of)
    remedy = (
        f"look at it; then mend the matching, raise the limit, or set `accepted: {as_of}` in conf/…/watch"
    )
    return f"lists stay as they were: in {WATCHED} {'; '.join(told)} ({remedy})" if told else None


def measured(watch: DataFrame, as_of: date) -> dict[date, dict[str, float]]:
    """The measures of the last DAYS days up to `as_of`; of several items the largest value. A few rows a day."""
    recent = watch.where(F.col("as_of").between(F.lit(as_of - timedelta(DAYS)), F.lit(as_of)))
    rows = recent.groupBy("as_of", "measure").agg(F.max("value").alias("value")).orderBy("as_of", "measure")
    days: dict[date, dict[str, float]] = {}
    for row in rows.collect():
        days.setdefault(row["as_of"], {})[row["measure"]] = row["value"]
    return days


def refusals(days: Days, conf: WatchConf, as_of: date) -> list[str]:
    """What jumped on `as_of`, in words; empty where nothing did or a person accepted the day.

    Each day is held against the last good one before it, so that a jump stays one until it is accepted or mended.
    """
    good: Mapping[str, float] = {}
    told: list[str] = []
    for day in sorted(d for d in days if d <= as_of):
        accepted = conf.accepted is not None and day <= conf.accepted
        told = [] if accepted else jumps(days[day], good, conf)
        good = good if told else days[day]
    return told if as_of in days else []
