"""One job in one run: read, build, stage, judge, commit, enter."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from expectations import quarantine
from expectations.engine import validate_with_gx
from expectations.gate import FAULTS, Suite
from expectations.verdict import Verdict
from jobs.core import effort, storage, writing
from jobs.core.aside import set_aside
from jobs.core.context import Run
from jobs.core.errors import BuildError, DataRefused
from jobs.core.inputs import MAPPING, Inputs
from jobs.core.job import Facts, Job, Output
from jobs.core.ledger import Entry, entry_from_note
from jobs.core.schema import Schema
from jobs.core.staging import Staged, stage
from jobs.core.target import Plan, Target
from jobs.core.touched import Positions


@dataclass(frozen=True, slots=True)
class Step:
    """One job of a run, in a Spark session of its own (commit notes of MERGE are session settings)."""

    run: Run
    job: Job
    spark: SparkSession
    stale: tuple[str, ...] = ()

    def take(self) -> list[Entry]:
        """Bring the job's tables to the run's business date. Raises what the build or the gate raises."""
        began = time.monotonic()
        self.spark.sparkContext.setJobDescription(self.job.table)  # what Spark's own pages and logs call it
        last = {table: self._recovered(table) for table in self.job.outputs}
        model, champions = self._champion(self.job.model), self._champions()
        inputs = Inputs(self.run, self.job, self.spark)
        positions = inputs.positions()
        signature = inputs.signature(positions, [model, *champions.values()])
        if all(self._stands(entry, signature) for entry in last.values()):
            told = inputs.warning(positions)
            return [self._unchanged(entry, told) for entry in last.values() if entry is not None]
        over = inputs.starts_over(last[self.job.table], positions)
        since = None if over else last[self.job.table]
        effort.fit(self.spark, inputs.size(since))
        keys = inputs.followed.touched(since, positions)
        frames = self._built(inputs, since, keys, {"model": model, "champions": champions})
        work = _Work(self, inputs, positions, signature, model, over, keys)
        entries = [self._brought(work, table, frames[table], last[table]) for table in self.job.outputs]
        seconds = round((time.monotonic() - began) / len(entries), 2)
        told = None if over else inputs.warning(positions)
        timed = [replace(e, seconds=seconds, stale=list(self.stale), message=told) for e in entries]
        for entry in timed:
            self.run.ledger.enter(self.run.run_id, entry)
        return timed

    def _recovered(self, table: str) -> Entry | None:
        """The table's last entry; a commit that a crash kept from the ledger is entered now, from its note."""
        last = self.run.ledger.last(table)
        version = self.run.lake.version(table)
        known = -1 if last is None or last.version is None else last.version
        if version is None or version <= known:
            return last
        found = self.run.lake.metadata_after(self.spark, table, known, "signature")
        if found is None:
            return last
        entry = entry_from_note(found[1], found[0])
        self.run.ledger.enter(self.run.run_id, entry)
        return entry

    def _champions(self) -> dict[str, Any]:
        """Those of the watched models that have one."""
        found = {name: self._champion(name) for name in self.job.watches}
        return {name: champion for name, champion in found.items() if champion is not None}

    def _champion(self, model: str | None) -> Any:
        """The champion pinned for the date, else today's, which is then pinned."""
        if model is None:
            return None
        name = f"model:{model}"
        pinned = self.run.ledger.pinned(self.run.as_of, name)
        champion = self.run.champions(model, pinned)
        if champion is not None and pinned is None:
            self.run.ledger.pin(self.run.as_of, name, str(champion.version))
        return champion

    def _stands(self, last: Entry | None, signature: str) -> bool:
        return (
            last is not None and last.signature == signature and self.run.lake.version(last.table) is not None
        )

    def _built(
        self, inputs: Inputs, last: Entry | None, keys: DataFrame | None, learnt: Mapping[str, Any]
    ) -> Mapping[str, DataFrame]:
        arguments: dict[str, Any] = {n: inputs.frame(i, last, keys) for n, i in self.job.inputs.items()}
        offered = {
            "as_of": self.run.as_of,
            "bank": self.run.bank,
            "spark": self.spark,
            "keys": keys,
            **learnt,
        }
        arguments |= {name: value for name, value in offered.items() if name in inputs.wanted}
        built = self.job.build(**arguments)
        frames: Mapping[str, DataFrame] = built if isinstance(built, Mapping) else {self.job.table: built}
        if frames.keys() != self.job.outputs.keys():
            raise BuildError(f"{self.job.table}: built {sorted(frames)}, declared {sorted(self.job.outputs)}")
        return frames

    def _brought(self, work: _Work, table: str, frame: DataFrame, last: Entry | None) -> Entry:
        if last is not None and self._stands(last, work.signature):
            return self._unchanged(last)
        return work.write(table, frame, last)

    def _unchanged(self, last: Entry, message: str | None = None) -> Entry:
        entry = replace(
            last,
            as_of=max(self.run.as_of, last.as_of),
            outcome="unchanged",
            rows_in=0,
            rows_out=0,
            quarantined=0,
            deduplicated=0,
            seconds=0.0,
            stale=list(self.stale),
            message=message,
        )
        if last.as_of < self.run.as_of:
            self.run.ledger.enter(self.run.run_id, entry)
        return entry


@dataclass(frozen=True, slots=True)
class _Work:
    """What is the same for every table of one step."""

    step: Step
    inputs: Inputs
    positions: Positions
    signature: str
    model: Any
    over: bool
    keys: DataFrame | None = None

    def write(self, table: str, frame: DataFrame, last: Entry | None) -> Entry:
        """Stage, judge, commit. Raises DataRefused where the gate says no: the table keeps its last version."""
        run, output = self.step.run, self.step.job.outputs[table]
        suite = run.suite(table)
        if self.inputs.conformed and not self.positions:
            return self._empty(table, output)
        staged = stage(
            frame, run.lake, table, output.schema, suite, run.as_of, known_only=self.inputs.conformed
        )
        verdict = self._judged(table, suite, staged, output)
        entry = Entry(
            table=table,
            as_of=run.as_of,
            outcome="written",
            signature=self.signature,
            inputs=self._consumed(staged),
            epoch=(last.epoch if last else 0) + int(self.over),
            rows_in=staged.rows,
            pending=staged.pending,
            hash=staged.hash,
            sums=staged.sums,
            gate=verdict.outcome,
            model_version=str(self.model.version) if self.model is not None else None,
        )
        return self._committed(entry, output, staged)

    def _empty(self, table: str, output: Output) -> Entry:
        """A canonical table that no source of the bank fills: there, and empty."""
        run = self.step.run
        entry = Entry(table=table, as_of=run.as_of, outcome="written", signature=self.signature, gate="ok")
        rows = self.step.spark.createDataFrame([], output.schema.spark)
        return replace(entry, version=run.lake.append(rows, table, output.schema, entry.note()))

    def _judged(self, table: str, suite: Suite, staged: Staged, output: Output) -> Verdict:
        lake, spark = self.step.run.lake, self.step.spark
        there = [name for name in suite.references if lake.version(name) is not None]
        references = {name: lake.state(spark, name) for name in there}
        proven = output.schema.key if isinstance(output.write, Facts) else ()
        told = {**staged.metrics, **suite.tally(staged.frame, staged.metrics)}
        seen = self.inputs.seen(suite.seen, self.keys)
        metrics = {**told, **suite.measure(staged.good, references, proven, seen)}
        if suite.for_engine:
            metrics |= validate_with_gx(staged.good, suite.for_engine, table)
        verdict = suite.judge(metrics)
        self.step.run.verdicts.append(verdict)
        if verdict.outcome == "fail":
            raise DataRefused(str(verdict), "the table keeps its last version; see quality.result")
        return verdict

    def _consumed(self, staged: Staged) -> Positions:
        if not self.inputs.conformed:
            return self.positions
        now = self.inputs.mappings if self.over else {}
        return {t: [p[0], p[1], staged.pending, now.get(t, p[MAPPING])] for t, p in self.positions.items()}

    def _committed(self, entry: Entry, output: Output, staged: Staged) -> Entry:
        lake = self.step.run.lake
        files = staged.uri if staged.is_whole and lake.takes_files(entry.table, output.schema) else None
        target = Target(lake, entry.table, output.schema, entry.as_of, self.over, self.keys, files)
        planned = writing.plan(output.write, staged.good, staged.kept, target)
        entry = replace(
            entry,
            rows_out=staged.kept - planned.deduplicated - planned.conflicting,
            quarantined=staged.rows - staged.kept + planned.conflicting,
            deduplicated=planned.deduplicated,
        )
        if entry.quarantined:
            self._set_aside(entry, output.schema, staged, planned)
        version = writing.commit(planned, target, entry.note())
        storage.remove(staged.uri)
        outcome = "written" if version is not None else "unchanged"
        return replace(
            entry, outcome=outcome, version=lake.version(entry.table) if version is None else version
        )

    def _set_aside(self, entry: Entry, schema: Schema, staged: Staged, planned: Plan) -> None:
        bad = quarantine.refused(staged.bad, entry.table, entry.as_of, subject=schema.subject)
        if planned.conflicts is not None:
            told = planned.conflicts.withColumn(FAULTS, F.array(F.lit("conflicting_duplicate")))
            bad = bad.unionByName(quarantine.refused(told, entry.table, entry.as_of, subject=schema.subject))
        set_aside(self.step.run.lake, bad, entry.table, entry.signature)
