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
from jobs.core.job import TOUCHED, Job, Touched
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
        """The keys (column TOUCHED) whose rows must be made anew, or None where all must."""
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
        return shared_and_sent(reduce(DataFrame.unionByName, self._keys(news)).distinct())

    def _keys(self, news: Iterable[tuple[Touched, DataFrame]]) -> list[DataFrame]:
        """The keys that news are of; those of one owner are asked for together."""
        by_owner: dict[tuple[str | None, str], list[DataFrame]] = {}
        for source, rows in news:
            by_owner.setdefault((source.owner, source.by), []).append(rows)
        found = []
        for (owner, by), parts in by_owner.items():
            rows = reduce(DataFrame.unionByName, parts)
            found.append(
                rows.select(F.col(by).alias(TOUCHED)) if owner is None else self._owning(owner, by, rows)
            )
        return found

    def _owning(self, owner: str, by: str, rows: DataFrame) -> DataFrame:
        moved = shared_and_sent(rows.distinct())
        return self._owners(owner, by).join(moved, on=by, how="left_semi").select(TOUCHED)

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
        """The `by` of the input's rows that changed after a version; None where it stands as it was."""
        if version is None or after is None or version == after:
            return None
        columns = [source.by] if source.via is None else [source.by, source.via]
        seen = self.run.lake.touched(self.spark, source.table, after, columns)
        named = seen.select(source.by)
        return named if source.via is None else named.unionByName(self._sharing(source, source.via, seen))

    def _owners(self, owner: str, by: str) -> DataFrame:
        """Whose each row of an input is: (`by`, TOUCHED), as the table that tells stands now."""
        key = next((i.by for i in self.inputs if i.table == owner), None)
        if key is None:
            raise BuildError(f"{self.job.table}: {owner}, which tells whose {by} is, isn't followed by key")
        return self.run.lake.state(self.spark, owner).select(by, F.col(key).alias(TOUCHED))

    def _sharing(self, source: Touched, via: str, seen: DataFrame) -> DataFrame:
        """The `by` of rows that share a value of `via` with those `seen` to change."""
        standing = self.run.lake.state(self.spark, source.table).select(source.by, via)
        moved, held = shared(_spread(seen, source.by, via).distinct()), _spread(standing, source.by, via)
        met = held.join(sent(moved.select(via).distinct(), moved.count()), on=via, how="left_semi")
        if source.most is not None:
            met = _uncrowded(shared(met), moved, source, source.most(self.run.bank))
        return met.select(source.by)


def _spread(rows: DataFrame, by: str, via: str) -> DataFrame:
    """(by, via), one row for each value where `via` is an array."""
    value = F.explode(via) if rows.schema[via].dataType.typeName() == "array" else F.col(via)
    return rows.select(by, value.alias(via))


def _uncrowded(met: DataFrame, moved: DataFrame, source: Touched, most: int) -> DataFrame:
    """`met` without the values that more than `most` keys share which didn't change: too many then and now."""
    via = str(source.via)
    now = met.groupBy(via).agg(F.count_distinct(source.by).alias("_now"))
    news = moved.groupBy(via).agg(F.count("*").alias("_news"))
    few = now.join(news, on=via).where(F.col("_now") - F.col("_news") <= most)
    return met.join(few.select(via), on=via, how="left_semi")
