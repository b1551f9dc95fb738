"""Keys that stand twice in one delivery: the last row wins, as a source that corrects itself writes it last.

The same row again is deduplicated; an earlier row with other content is quarantined as `duplicate_key`, so
that a reader of the quarantine sees what was set aside. One rule for entities and facts alike: across
deliveries silver decides, by dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.contracts import SourceContract
from jobs.core.ledger import DeliveryEntry
from jobs.core.target import content

DUPLICATE_KEY: Final = "duplicate_key"


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows to commit; earlier rows for quarantine (None where there are none); counts by batch."""

    rows: DataFrame
    earlier: DataFrame | None = None
    same: Mapping[str, int] = field(default_factory=dict)
    other: Mapping[str, int] = field(default_factory=dict)

    def count(self, entry: DeliveryEntry) -> DeliveryEntry:
        """The entry with its rows out, quarantined and deduplicated."""
        bad = entry.quarantined + self.other.get(entry.batch_id, 0)
        same = self.same.get(entry.batch_id, 0)
        return replace(entry, quarantined=bad, deduplicated=same, rows_out=entry.rows_in - bad - same)


def keep_last(sound: DataFrame, contract: SourceContract, repeated: bool) -> Kept:
    """Leave one row for each batch and key. `repeated` False: no key stands twice, nothing is looked for."""
    if not repeated:
        return Kept(sound)
    by = Window.partitionBy("_batch", *contract.keys)
    told = content(contract.column_names)
    ranked = sound.withColumns({"_told": told, "_copies": F.count(F.lit(1)).over(by)}).where("_copies > 1")
    last = by.orderBy(F.desc("_file"), F.desc("_row"))
    marked = ranked.withColumns({"_rank": F.row_number().over(last), "_last": F.first("_told").over(last)})
    losers = marked.where("_rank > 1").withColumn("_same", F.col("_told") == F.col("_last"))
    losers = losers.drop("_told", "_copies", "_rank", "_last").localCheckpoint()
    rows = sound.join(losers.select("_n", "_row"), on=["_n", "_row"], how="left_anti")
    counts = losers.groupBy("_batch").agg(
        F.count_if("_same").alias("same"), F.count_if(~F.col("_same")).alias("other")
    )
    told_by = {r["_batch"]: (r["same"], r["other"]) for r in counts.collect()}
    earlier = losers.where(~F.col("_same")).drop("_same").withColumn("_faults", F.array(F.lit(DUPLICATE_KEY)))
    same, other = {b: s for b, (s, _) in told_by.items()}, {b: o for b, (_, o) in told_by.items()}
    return Kept(rows, earlier if any(other.values()) else None, same, other)
