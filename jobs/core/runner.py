"""The runner: every job of a run after its inputs, several at a time, one failure never stopping the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.core.context import Run
from jobs.core.errors import OnebookError
from jobs.core.job import Job
from jobs.core.ledger import Entry
from jobs.core.step import Step

LOG = logging.getLogger("onebook")
Report = Callable[[Entry], None]


def bring(
    run: Run,
    jobs: Sequence[Job],
    spark: SparkSession,
    *,
    parallel: int,
    report: Report,
    failed: Iterable[str] = (),
) -> list[Entry]:
    """Bring each job's tables to the run's date, in the order of their inputs, `parallel` at a time.

    `failed` are tables (bronze) that already failed in this run. A failed table keeps its last version; what
    depends on it runs on that and says so (`stale`).
    """
    state = _State(run, {job.table: job for job in jobs}, spark, report, set(failed))
    with ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="table") as pool:
        state.work(pool, parallel)
    return state.entries


def heights(jobs: Iterable[Job], seconds: Mapping[str, float]) -> dict[str, float]:
    """By job: the seconds from its start to the end of the longest chain of jobs that follows from it.

    What stands highest is best begun first (list scheduling by critical path, Graham 1969). `jobs` come after their
    inputs, as the registry gives them.
    """
    inputs_first = list(jobs)
    owner = {table: job.table for job in inputs_first for table in job.outputs}
    after: dict[str, float] = {job.table: 0.0 for job in inputs_first}
    found: dict[str, float] = {}
    for job in reversed(inputs_first):
        found[job.table] = seconds[job.table] + after[job.table]
        for table in {owner[t] for t in job.input_tables.values() if t in owner} - {job.table}:
            after[table] = max(after[table], found[job.table])
    return found


class _State:
    def __init__(
        self, run: Run, jobs: dict[str, Job], spark: SparkSession, report: Report, failed: set[str]
    ) -> None:
        self.run, self.spark, self.report = run, spark, report
        self.waiting = dict(jobs)
        self.owner = {table: job.table for job in jobs.values() for table in job.outputs}
        self.bad = failed
        self.entries: list[Entry] = []
        self.rank = heights(jobs.values(), {table: self._lasted(table) for table in jobs})

    def work(self, pool: ThreadPoolExecutor, parallel: int) -> None:
        running: dict[Future[list[Entry]], Job] = {}
        while self.waiting or running:
            for job in self._ready(running.values())[: parallel - len(running)]:
                del self.waiting[job.table]
                running[pool.submit(self._take, job)] = job
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                self._finish(job, future)

    def _lasted(self, table: str) -> float:
        """Seconds that the job's table took when it was last looked at; a second where nobody knows."""
        last = self.run.ledger.last(table)
        return 1.0 if last is None else max(1.0, last.seconds)

    def _ready(self, running: Iterable[Job]) -> list[Job]:
        """What waits for nothing more, that which most waits for first."""
        busy = self.waiting.keys() | {job.table for job in running}
        free = [
            job
            for job in self.waiting.values()
            if not any(self.owner.get(t) in busy - {job.table} for t in job.input_tables.values())
        ]
        return sorted(free, key=lambda job: -self.rank[job.table])

    def _take(self, job: Job) -> list[Entry]:
        return Step(self.run, job, self.spark.newSession(), self._stale(job)).take()

    def _stale(self, job: Job) -> tuple[str, ...]:
        """Inputs that failed in this run, or that were themselves built on one that did."""
        return tuple(sorted(self._reads(job) & self.bad))

    def _finish(self, job: Job, future: Future[list[Entry]]) -> None:
        try:
            entries = future.result()
            self.bad |= {e.table for e in entries if e.stale}
        except Exception as error:  # noqa: BLE001 - one table's fault must not stop the others
            entries = [self._failure(table, error) for table in job.outputs]
            self.bad |= job.outputs.keys()
        for entry in entries:
            self.entries.append(entry)
            self.report(entry)

    def _reads(self, job: Job) -> set[str]:
        bronze = {c.bronze for c in self.run.bank.contracts for m in c.maps if m.to == job.table}
        return set(job.input_tables.values()) | bronze

    def _failure(self, table: str, error: Exception) -> Entry:
        LOG.debug("%s failed", table, exc_info=error)
        last = self.run.ledger.last(table)
        entry = Entry(
            table=table,
            as_of=self.run.as_of,
            outcome="failed",
            version=last.version if last else None,
            message=explain(error),
        )
        self.run.ledger.enter(self.run.run_id, entry)
        return entry


def explain(error: Exception) -> str:
    """An error in words for people, without values of rows: Spark's messages may quote them, its conditions don't."""
    if isinstance(error, OnebookError):
        return str(error)
    if isinstance(error, PySparkException):
        condition = error.getCondition() or type(error).__name__
        return f"Spark refused: {condition} (--verbose shows the whole trace, which may quote rows)"
    return f"{type(error).__name__} (--verbose shows the trace)"
