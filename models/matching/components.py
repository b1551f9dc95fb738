"""Connected components on Spark in logarithmically many rounds: alternating large-star and small-star steps.

Kiveris et al., Connected Components in MapReduce and Beyond (SoCC 2014). Nothing but one number a round
reaches the driver, and each round's lineage is cut.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

MOST_ROUNDS: Final = 40


def labelled(edges: DataFrame) -> DataFrame:
    """`edges` (record_l, record_r, …) with `component`, the lowest record id that each hangs together with."""
    labels = components(edges.select(F.col("record_l").alias("a"), F.col("record_r").alias("b")))
    found = edges.join(labels.withColumnRenamed("record_id", "record_l"), "record_l", "left")
    return found.withColumn("component", F.coalesce("component", "record_l"))


def components(links: DataFrame) -> DataFrame:
    """(record_id, component) for every record but the components' own lowest ones, from links (a, b)."""
    stars = links.where("a <> b").distinct().localCheckpoint()
    before = -1
    for _ in range(MOST_ROUNDS):
        stars = _small_star(_large_star(stars)).localCheckpoint()
        # Stars are settled when no edge changes; the sum of edge hashes tells without collecting them.
        now = stars.agg(
            F.coalesce(F.sum(F.xxhash64("a", "b").cast("decimal(38,0)")), F.lit(0)).alias("s")
        ).first()
        if now is not None and now["s"] == before:
            return stars.select(F.col("a").alias("record_id"), F.col("b").alias("component"))
        before = now["s"] if now is not None else 0
    raise RuntimeError(f"components did not settle in {MOST_ROUNDS} rounds")


def _large_star(stars: DataFrame) -> DataFrame:
    """Each node hangs its larger neighbours on the lowest of its neighbourhood."""
    both = stars.select("a", "b").union(stars.select(F.col("b").alias("a"), F.col("a").alias("b")))
    lowest = both.groupBy("a").agg(F.least(F.col("a"), F.min("b")).alias("low"))
    hung = both.join(lowest, "a").where("b > a")
    return hung.select(F.col("b").alias("a"), F.col("low").alias("b")).where("a <> b").distinct()


def _small_star(stars: DataFrame) -> DataFrame:
    """Each node and its smaller neighbours hang on the lowest of them."""
    down = stars.select(F.greatest("a", "b").alias("a"), F.least("a", "b").alias("b"))
    lowest = down.groupBy("a").agg(F.min("b").alias("low"))
    hung = down.join(lowest, "a")
    moved = hung.select(F.col("b").alias("a"), F.col("low").alias("b")).where("a <> b")
    return moved.union(lowest.select("a", F.col("low").alias("b"))).where("a <> b").distinct()
