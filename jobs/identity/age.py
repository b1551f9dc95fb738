"""How old a record is to the book, by which customers are named: a place in time that is given once."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def aged(parties: DataFrame, known: DataFrame) -> DataFrame:
    """`parties` (party_id, since, …) with each record's place in time, (since, late), as `known` has it
    (identity.match_record); no newcomer stands before a record known already.

    A file of an earlier day may come late: its new records take the date of the youngest record known and a
    place behind all of that date, or a customer would be renamed after a record that nobody had seen.
    """
    late = F.col("late") if "late" in known.columns else F.lit(0)
    before = known.select(
        F.col("record_id").alias("party_id"), F.struct("since", late.alias("late")).alias("_age")
    )
    youngest = before.agg(F.max("_age").alias("_youngest"))
    placed = parties.join(before, on="party_id", how="left").join(F.broadcast(youngest), how="cross")
    is_late = F.coalesce(F.col("since") <= F.col("_youngest.since"), F.lit(False))
    return placed.withColumns(
        {
            "since": F.coalesce("_age.since", F.greatest("since", "_youngest.since")),
            "late": F.coalesce("_age.late", F.when(is_late, F.col("_youngest.late") + 1).otherwise(0)),
        }
    ).drop("_age", "_youngest")
