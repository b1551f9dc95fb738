"""Which keys' rows a job must make anew: those that any of its `Touched` inputs saw change, and their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.context import Run
from jobs.core.errors import BuildError
from jobs.core.job import CHANGED, CROWDING, MOVED, NEAR, TOUCHED, Job, Touched
from jobs.core.ledger import Entry
from jobs.core.shared import sent, shared, shared_and_sent

Positions = dict[str, list[Any]]
"""Input table → [version, epoch], or for a bronze table [version, batches superseded, rows pending]."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of `job` in `run`."""

    run: Run
    job: Job
    spark: SparkSession
    _owned: dict[tuple[str, str], DataFrame] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Touched]:
        """The inputs that are followed by key."""
        return [i for i in self.job.inputs.values() if isinstance(i, Touched)]

    def touched(self, last: Entry | None, positions: Positions) -> DataFrame | None:
        """The keys (TOUCHED) whose rows must be made anew, with what MOVED them, or None where all must."""
        tables = {i.table for i in self.inputs}
        settled = last is not None and all(
            last.inputs.get(t) == p for t, p in positions.items() if t not in tables
        )
        if not tables or last is None or not settled or self.run.lake.version(self.job.table) is None:
            return None
        seen = [(i, self._changed(i, last.inputs[i.table][0], positions[i.table][0])) for i in self.inputs]
        news = [(i, rows) for i, rows in seen if rows is not None]
        if not news:
            return None
        found = reduce(DataFrame.unionByName, self._keys(news))
        return self._widened(shared_and_sent(found.groupBy(TOUCHED).agg(F.max(MOVED).alias(MOVED))))

    def _widened(self, keys: DataFrame) -> DataFrame:
        wider = self.job.widened
        if wider is None:
            return keys
        whole = {name: self.run.lake.state(self.spark, table) for name, table in wider.inputs.items()}
        return shared_and_sent(wider.of(keys=keys.select(TOUCHED), **whole))

    def _keys(self, news: Iterable[tuple[Touched, DataFrame]]) -> list[DataFrame]:
        """The keys that news are of; those of one owner are asked for together."""
        by_owner: dict[tuple[str | None, str], list[DataFrame]] = {}
        for source, rows in news:
            by_owner.setdefault((source.owner, source.by), []).append(rows)
        found = []
        for (owner, by), parts in by_owner.items():
            rows = reduce(DataFrame.unionByName, parts)
            found.append(
                rows.select(F.col(by).alias(TOUCHED), MOVED)
                if owner is None
                else self._owning(owner, by, rows)
            )
        return found

    def _owning(self, owner: str, by: str, rows: DataFrame) -> DataFrame:
        moved = shared_and_sent(rows.groupBy(by).agg(F.max(MOVED).alias(MOVED)))
        return self._owners(owner, by).join(moved, on=by, how="inner").select(TOUCHED, MOVED)

    def rows(self, source: Touched, keys: DataFrame) -> DataFrame:
        """The input's rows of those keys."""
        rows = self.run.lake.state(self.spark, source.table)
        if source.owner is None:
            return rows.join(keys, on=F.col(source.by) == F.col(TOUCHED), how="left_semi")
        return rows.join(self._of(source.owner, source.by, keys), on=source.by, how="left_semi")

    def _of(self, owner: str, by: str, keys: DataFrame) -> DataFrame:
        """Every `by` that belongs to one of the keys; asked for once, however many inputs share the owner."""
        if (owner, by) not in self._owned:
            owned = self._owners(owner, by).join(keys, on=TOUCHED, how="left_semi").select(by)
            self._owned[owner, by] = shared_and_sent(owned)
        return self._owned[owner, by]

    def _changed(self, source: Touched, after: int | None, version: int | None) -> DataFrame | None:
        """(`by`, MOVED) of the input's rows that changed after a version; None where it stands as it was."""
        if version is None or after is None or version == after:
            return None
        columns = [source.by] if source.via is None else [source.by, source.via]
        seen = self.run.lake.touched(self.spark, source.table, after, columns)
        named = seen.select(source.by, F.lit(CHANGED).alias(MOVED))
        return named if source.via is None else named.unionByName(self._sharing(source, source.via, seen))

    def _owners(self, owner: str, by: str) -> DataFrame:
        """Whose each row of an input is: (`by`, TOUCHED), as the table that tells stands now."""
        key = next((i.by for i in self.inputs if i.table == owner), None)
        if key is None:
            raise BuildError(f"{self.job.table}: {owner}, which tells whose {by} is, isn't followed by key")
        return self.run.lake.state(self.spark, owner).select(by, F.col(key).alias(TOUCHED))

    def _sharing(self, source: Touched, via: str, seen: DataFrame) -> DataFrame:
        """(`by`, MOVED) of rows that share a value of `via` with those `seen` to change."""
        standing = self.run.lake.state(self.spark, source.table).select(source.by, via)
        moved, held = shared(_spread(seen, source.by, via).distinct()), _spread(standing, source.by, via)
        met = held.join(sent(moved.select(via).distinct(), moved.count()), on=via, how="left_semi")
        if source.most is None:
            return met.select(source.by, F.lit(NEAR).alias(MOVED))
        met = shared(met)
        values = _uncrowded(met, moved, source, source.most(self.run.bank))
        return met.join(values, on=via, how="inner").select(source.by, MOVED)


def _spread(rows: DataFrame, by: str, via: str) -> DataFrame:
    """(by, via), one row for each value where `via` is an array."""
    value = F.explode(via) if rows.schema[via].dataType.typeName() == "array" else F.col(via)
    return rows.select(by, value.alias(via))


def _uncrowded(met: DataFrame, moved: DataFrame, source: Touched, most: int) -> DataFrame:
    """(via, MOVED) of the values but those that more than `most` keys share which didn't change: too many then and now.

    met: (by, via) as they stand. moved: (by, via) of the changed, before or after.
    """
    by, via = source.by, str(source.via)
    bearers = met.withColumn("_new", F.lit(0)).unionByName(moved.withColumn("_new", F.lit(1)))
    borne = bearers.groupBy(via, by).agg(F.max("_new").alias("_new"))
    counted = borne.groupBy(via).agg(F.count("*").alias("_all"), F.sum("_new").alias("_news"))
    may_turn = F.when(F.col("_all") > most, CROWDING).otherwise(NEAR)
    return counted.where(F.col("_all") - F.col("_news") <= most).select(via, may_turn.alias(MOVED))
