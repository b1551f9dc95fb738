"""A job's inputs in one run: which versions stand, what decides the result, and the frames themselves."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.conform import Conformer, Position
from jobs.core.context import Run
from jobs.core.errors import BuildError
from jobs.core.job import TOUCHED, AsOf, Conformed, History, IfAny, Input, Job, New, Touched
from jobs.core.ledger import Entry
from jobs.core.shared import sent, shared

Positions = dict[str, list[Any]]
"""Input table → [version, epoch], or for a bronze table [version, batches superseded, rows pending]."""
SETTLED: Final = "code and configuration"
AS_LEFT: Final = "as left"
"""The version of a job's own table as an input, unless somebody else wrote it since: its own writing is no news."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of `job` as they stand in `run`."""

    run: Run
    job: Job
    spark: SparkSession

    @property
    def conformed(self) -> bool:
        """Whether the job is canonical: filled by source contracts."""
        return any(isinstance(i, Conformed) for i in self.job.inputs.values())

    @property
    def wanted(self) -> frozenset[str]:
        """Names of the build's parameters."""
        return frozenset(inspect.signature(self.job.build).parameters)

    def positions(self) -> Positions:
        """How far each input has come."""
        if self.conformed:
            return self._bronze()
        tables = [i if isinstance(i, str) else i.table for i in self._plain]
        found: Positions = {}
        for table in tables:
            found[table] = self._position(table)
        if self._by_key:
            found[SETTLED] = [f"{self.run.bank.fingerprint} {self.run.code}", 0]
        return found

    def _position(self, table: str) -> list[Any]:
        last, version = self.run.ledger.last(table), self.run.lake.version(table)
        if table in self.job.outputs and version == (last.version if last else None):
            return [AS_LEFT, 0]
        return [version, last.epoch if last else 0]

    @property
    def _plain(self) -> list[str | New | IfAny | Touched]:
        return [i for i in self.job.inputs.values() if not isinstance(i, Conformed)]

    @property
    def _by_key(self) -> list[Touched]:
        return [i for i in self.job.inputs.values() if isinstance(i, Touched)]

    def touched(self, last: Entry | None, positions: Positions) -> DataFrame | None:
        """The keys (column TOUCHED) whose rows must be made anew, or None where all must."""
        tables = {i.table for i in self._by_key}
        settled = last is not None and all(
            last.inputs.get(t) == p for t, p in positions.items() if t not in tables
        )
        if not tables or last is None or not settled or self.run.lake.version(self.job.table) is None:
            return None
        changed = [self._changed(i, last.inputs[i.table][0], positions[i.table][0]) for i in self._by_key]
        found = [c for c in changed if c is not None]
        if not found:
            return None
        keys = shared(reduce(DataFrame.unionByName, found).distinct())
        return sent(keys, keys.count())

    def _changed(self, source: Touched, after: int | None, version: int | None) -> DataFrame | None:
        """The input's keys that changed after a version; None where it stands as it was."""
        if version is None or after is None or version == after:
            return None
        columns = [source.by] if source.via is None else [source.by, source.via]
        seen = self.run.lake.touched(self.spark, source.table, after, columns)
        keys = seen.select(F.col(source.by).alias(TOUCHED))
        return keys if source.via is None else keys.unionByName(self._sharing(source, source.via, seen))

    def _sharing(self, source: Touched, via: str, seen: DataFrame) -> DataFrame:
        """The keys that share a value of `via` with those `seen` to change."""
        standing = self.run.lake.state(self.spark, source.table).select(source.by, via)
        moved, held = shared(_spread(seen, source.by, via).distinct()), _spread(standing, source.by, via)
        met = held.join(sent(moved.select(via).distinct(), moved.count()), on=via, how="left_semi")
        if source.most is not None:
            met = _uncrowded(shared(met), moved, source, source.most(self.run.bank))
        return met.select(F.col(source.by).alias(TOUCHED))

    def signature(self, positions: Positions, models: Sequence[Any]) -> str:
        """A hash of all that decides what the tables will hold: equal signatures, equal rows."""
        parts: list[Any] = [sorted(positions.items()), [getattr(m, "version", None) for m in models]]
        if self.conformed:
            parts.append(self.run.as_of if any(p[2] for p in positions.values()) else None)
        else:
            dated = any(isinstance(o.write, AsOf | History) for o in self.job.outputs.values())
            timed = dated or "as_of" in self.wanted
            parts += [self.run.as_of if timed else None, self.run.bank.fingerprint, self.run.code]
        if self.run.rebuild & self.job.outputs.keys():
            parts.append(self.run.run_id)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]

    def starts_over(self, last: Entry | None, positions: Positions) -> bool:
        """Whether an incremental table is rebuilt: because it was asked for, because a delivery was replaced,
        or because the table whose changes it reads was itself rebuilt.
        """
        if self.run.rebuild & self.job.outputs.keys():
            return True
        if last is None:
            return False
        if self.conformed:
            followed = list(positions)
        else:
            followed = [i.table for i in self.job.inputs.values() if isinstance(i, New | Touched)]
        return any(positions[t][1] != last.inputs.get(t, positions[t])[1] for t in followed)

    def frame(self, source: Input, last: Entry | None, keys: DataFrame | None = None) -> DataFrame:
        """An input's rows; for changes only those since `last`, for touched ones only those of `keys`."""
        if isinstance(source, Touched) and keys is not None:
            rows = self.run.lake.state(self.spark, source.table)
            return rows.join(keys, on=F.col(source.by) == F.col(TOUCHED), how="left_semi")
        if isinstance(source, Conformed):
            return self._conformed(last)
        table = source if isinstance(source, str) else source.table
        version = self.run.lake.version(table)
        if version is None:
            return self._missing(table, source)
        consumed = last.inputs.get(table) if last is not None and isinstance(source, New) else None
        if consumed is None or consumed[0] is None:
            return self.run.lake.state(self.spark, table)
        if consumed[0] == version:
            return self.run.lake.state(self.spark, table).limit(0)
        return self.run.lake.changes(self.spark, table, consumed[0])

    def size(self, last: Entry | None) -> int | None:
        """Bytes of what the job will read: of what is new where it reads news, else of whole tables, its own included.

        None where a log can't tell.
        """
        tables = {i if isinstance(i, str) else i.table: isinstance(i, New) for i in self._plain}
        if self.conformed:
            tables |= {c.bronze: True for c, _ in self._conformer().sources(self.job.table)}
        tables |= dict.fromkeys(self.job.outputs, False)
        told = last.inputs if last is not None else {}
        after = {table: told[table][0] for table, news in tables.items() if news and table in told}
        sizes = [self.run.lake.size(self.spark, table, after.get(table)) for table in sorted(tables)]
        return None if None in sizes else sum(s for s in sizes if s is not None)

    def _missing(self, table: str, source: Input) -> DataFrame:
        if isinstance(source, IfAny):
            return self.spark.createDataFrame([], self.run.schemas[table].spark)
        raise BuildError(
            f"{self.job.table}: its input {table} doesn't exist yet", "run the whole graph first"
        )

    def _conformer(self) -> Conformer:
        replaced: dict[str, set[str]] = {}
        for delivery in self.run.ledger.deliveries():
            if delivery.superseded_by:
                replaced.setdefault(delivery.table, set()).add(delivery.batch_id)
        frozen: Mapping[str, frozenset[str]] = {t: frozenset(b) for t, b in replaced.items()}
        return Conformer(self.spark, self.run.lake, self.run.bank, frozen)

    def _bronze(self) -> Positions:
        conformer, last = self._conformer(), self.run.ledger.last(self.job.table)
        found: Positions = {}
        for contract, _ in conformer.sources(self.job.table):
            version = self.run.lake.version(contract.bronze)
            if version is not None:
                before = last.inputs.get(contract.bronze, [0, 0, 0]) if last else [0, 0, 0]
                found[contract.bronze] = [
                    version,
                    len(conformer.superseded.get(contract.bronze, ())),
                    before[2],
                ]
        return found

    def _conformed(self, last: Entry | None) -> DataFrame:
        output = self.job.outputs[self.job.table]
        before = {t: Position(*p) for t, p in last.inputs.items()} if last else {}
        previous = last.as_of if last else None
        rows = self._conformer().rows(self.job.table, output.schema, output.write, before, previous)
        return self.spark.createDataFrame([], output.schema.spark) if rows is None else rows


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
