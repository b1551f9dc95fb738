"""Time as the book knows it: what was known at a date, and the state that follows from versions."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window


def as_known(rows: DataFrame, as_of: date) -> DataFrame:
    """Rows that the bank could know at the close of `as_of`."""
    return rows.where(F.col("known_from") <= F.lit(as_of))


def current(versions: DataFrame, *key: str) -> DataFrame:
    """The last version of each key by (valid_from, known_from); keys whose last version is a deletion are gone.

    Ties (two versions of one key on one date from several batches) fall to the highest batch id, so that
    the answer never depends on the order of reading.
    """
    last = Window.partitionBy(*key).orderBy(F.desc("valid_from"), F.desc("known_from"), F.desc("batch_id"))
    ranked = versions.withColumn("_rank", F.row_number().over(last))
    return ranked.where((F.col("_rank") == 1) & ~F.coalesce(F.col("is_deleted"), F.lit(False))).drop("_rank")


def current_as_of(versions: DataFrame, as_of: date, *key: str) -> DataFrame:
    """The state of each key as known at the close of `as_of`."""
    return current(as_known(versions, as_of), *key)


def in_force(on: Column) -> Column:
    """Whether what lasts from `starts_on` to `ends_on`, both inclusive and null where untold, does so on a date."""
    begun = F.coalesce(F.col("starts_on") <= on, F.lit(True))
    return begun & F.coalesce(F.col("ends_on") >= on, F.lit(True))
