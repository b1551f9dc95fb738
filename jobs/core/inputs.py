"""A job's inputs in one run: which versions stand, what decides the result, and the frames themselves."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession

from jobs.core.conform import Conformer, Position
from jobs.core.context import Run
from jobs.core.errors import BuildError
from jobs.core.job import AsOf, Conformed, History, IfAny, Input, Job, New, Touched
from jobs.core.ledger import Entry
from jobs.core.touched import Keys, Positions

SETTLED: Final = "code and configuration"
MAPPING: Final = 3
"""Where the mapping stands in a position: it is told of, and makes nothing anew by itself."""
AS_LEFT: Final = "as left"
"""The version of a job's own table as an input, unless somebody else wrote it since: its own writing is no news."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of `job` as they stand in `run`."""

    run: Run
    job: Job
    spark: SparkSession

    @cached_property
    def followed(self) -> Keys:
        """Those followed by key."""
        return Keys(self.run, self.job, self.spark)

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
        tables += self.job.widened.inputs.values() if self.job.widened else ()
        found: Positions = {}
        for table in tables:
            found[table] = self._position(table)
        if self.followed.inputs:
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

    def signature(self, positions: Positions, models: Sequence[Any]) -> str:
        """A hash of all that decides what the tables will hold: equal signatures, equal rows."""
        stands = sorted((table, p[:MAPPING]) for table, p in positions.items())
        parts: list[Any] = [stands, [getattr(m, "version", None) for m in models]]
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
            return self.followed.rows(source, keys)
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

    def seen(self, tables: frozenset[str], keys: DataFrame | None) -> dict[str, DataFrame]:
        """What a build of `keys` saw of those of the tables that it saw partly."""
        if keys is None:
            return {}
        return {i.table: self.followed.rows(i, keys) for i in self.followed.inputs if i.table in tables}

    def size(self, last: Entry | None) -> int | None:
        """Bytes of what the job will read: of what is new where it reads news, else of whole tables, its own included.

        None where a log can't tell.
        """
        tables = {i if isinstance(i, str) else i.table: isinstance(i, New) for i in self._plain}
        if self.conformed:
            tables |= {c.bronze: True for c, _ in self._conformer.sources(self.job.table)}
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

    @cached_property
    def _conformer(self) -> Conformer:
        replaced: dict[str, set[str]] = {}
        for delivery in self.run.ledger.deliveries():
            if delivery.superseded_by:
                replaced.setdefault(delivery.table, set()).add(delivery.batch_id)
        frozen: Mapping[str, frozenset[str]] = {t: frozenset(b) for t, b in replaced.items()}
        return Conformer(self.spark, self.run.lake, self.run.bank, frozen)

    def _bronze(self) -> Positions:
        conformer, last = self._conformer, self.run.ledger.last(self.job.table)
        found: Positions = {}
        for contract, _ in conformer.sources(self.job.table):
            version = self.run.lake.version(contract.bronze)
            if version is not None:
                before = Position(*last.inputs.get(contract.bronze, [0])) if last else Position(0)
                replaced = len(conformer.superseded.get(contract.bronze, ()))
                under = before.mapping or self.mappings[contract.bronze]
                found[contract.bronze] = [version, replaced, before.pending, under]
        return found

    @cached_property
    def mappings(self) -> dict[str, str]:
        """What each bronze table's rows are conformed by now."""
        table = self.job.table
        return {c.bronze: self._conformer.mapping(c, table) for c, _ in self._conformer.sources(table)}

    def warning(self, positions: Positions) -> str | None:
        """What to say where rows still stand as an earlier mapping made them."""
        if not self.conformed:
            return None
        if not (changed := sorted(t for t, p in positions.items() if p[MAPPING] != self.mappings[t])):
            return None
        return (
            f"the mapping of {', '.join(changed)} changed: what came before stands as it was; "
            f"--rebuild {self.job.table} makes it anew"
        )

    def _conformed(self, last: Entry | None) -> DataFrame:
        output = self.job.outputs[self.job.table]
        before = {t: Position(*p) for t, p in last.inputs.items()} if last else {}
        previous = last.as_of if last else None
        rows = self._conformer.rows(self.job.table, output.schema, output.write, before, previous)
        return self.spark.createDataFrame([], output.schema.spark) if rows is None else rows
