"""Taking in the new deliveries of one contract: one pass over all their files, each delivery judged by itself.

Sequence: discover – ask the ledger – read, cut, type and stage to Parquet – measure by file – judge – quarantine
– commit to Delta – ledger. What the ledger will say is in the commit's note, so that a crash between the two
loses nothing and adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from conf.contracts import SourceContract
from expectations.gate import Suite, load_suite
from expectations.verdict import Verdict
from jobs.bronze import judgement, keys, staged
from jobs.bronze.content import Facts
from jobs.bronze.deliveries import discover
from jobs.bronze.delivery import Delivery
from jobs.bronze.judgement import Measured, Past
from jobs.bronze.outcomes import Finding, Outcome, refused, worst
from jobs.bronze.table import bronze_schema
from jobs.core import delivered, effort
from jobs.core.aside import QUARANTINE, quarantine_table
from jobs.core.catalog import Lake
from jobs.core.errors import BuildError, DataRefused
from jobs.core.ledger import DeliveryEntry, Ledger

FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Ingest:
    """Where deliveries come from and go to, the same for every contract of a run."""

    spark: SparkSession
    lake: Lake
    ledger: Ledger
    bank: str
    extracts: str
    as_of: date
    replace: bool = False
    suites: tuple[Path, ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)

    def take(self, contract: SourceContract) -> list[DeliveryEntry]:
        """Take in what is new of `contract`, up to the business date. Returns an entry for each delivery that
        was dealt with (taken in, refused, duplicate); those in before are passed over. Raises nothing for a
        bad delivery: its entry carries outcome and message.
        """
        delivered.recover(self.lake, self.ledger, self.spark, contract.bronze)
        past = Past(self.ledger.deliveries(contract.bronze))
        found = discover(self.extracts, self.bank, contract, self.as_of, past.fingerprints())
        fresh = [d for d in found if not judgement.is_known(d, past)]
        judged = [(d, [*d.findings, *self._by_ledger(d, contract, past)]) for d in fresh]
        closed = [self._entry(d, f) for d, f in judged if _is_closed(f)]
        self.ledger.deliver(closed)
        opened = [(d, f) for d, f in judged if not _is_closed(f)]
        return closed + (self._read(contract, opened, past) if opened else [])

    def give_up(self, contract: SourceContract, message: str) -> None:
        """Remember that taking in failed; whatever is dealt with next of the contract has the last word on it."""
        self.ledger.deliver(
            [DeliveryEntry(FAILED, contract.bronze, self.as_of, "daily", "", [], FAILED, self.as_of, message)]
        )

    def _by_ledger(self, d: Delivery, contract: SourceContract, past: Past) -> list[Finding]:
        return judgement.judge_by_ledger(d, contract, past, replace=self.replace)

    def _read(
        self, contract: SourceContract, opened: Sequence[tuple[Delivery, list[Finding]]], past: Past
    ) -> list[DeliveryEntry]:
        effort.fit(self.spark, sum(f.bytes for d, _ in opened for f in d.files))
        effort.keep_short(self.spark)
        work = staged.stage(self.spark, self.lake, contract, [d for d, _ in opened], self._suite(contract))
        try:
            return self._settle(contract, opened, past, work)
        finally:
            work.remove()

    def _settle(
        self,
        contract: SourceContract,
        opened: Sequence[tuple[Delivery, list[Finding]]],
        past: Past,
        work: staged.Stage,
    ) -> list[DeliveryEntry]:
        good, entries, replaced = [], [], []
        for delivery, findings in opened:
            measured = work.measured(delivery)
            told = [*findings, *judgement.judge_by_content(delivery, contract, measured)]
            entry = self._entry(delivery, told, measured)
            if refused(told):
                entries.append(entry)
                continue
            good.append(entry)
            if before := past.before(delivery):
                replaced.append((before.batch_id, delivery.batch_id))
        self.ledger.deliver(entries)
        return entries + self._commit(contract, good, replaced, work)

    def _commit(
        self,
        contract: SourceContract,
        good: list[DeliveryEntry],
        replaced: list[tuple[str, str]],
        work: staged.Stage,
    ) -> list[DeliveryEntry]:
        if not good:
            return []
        batches = [e.batch_id for e in good]
        self._judge(contract, work, batches)
        kept = keys.keep_last(work.sound(batches), contract, work.repeated(batches))
        entries = [kept.count(e) for e in good]
        if any(e.quarantined for e in entries):
            self._set_aside(contract, work.faulty(batches), kept.earlier, batches)
        version = self._append(contract, kept.rows, entries, replaced)
        entries = [replace(e, version=version) for e in entries]
        self.ledger.deliver(entries, replaced)
        return entries

    def _suite(self, contract: SourceContract) -> Suite:
        suite = load_suite(contract.bronze, *self.suites)
        if suite is None:
            raise BuildError(
                f"{contract.bronze} has no suite", "restore expectations/suites/bronze/_default.yml"
            )
        return suite

    def _judge(self, contract: SourceContract, work: staged.Stage, batches: Sequence[str]) -> None:
        """The gate, before the commit. Raises DataRefused where it says no: nothing of these deliveries goes in."""
        verdict = work.judged(batches, self._suite(contract))
        self.verdicts.append(verdict)
        if verdict.outcome == "fail":
            raise DataRefused(str(verdict), "nothing was taken in; see quality.result")

    def _append(
        self,
        contract: SourceContract,
        rows: DataFrame,
        entries: Sequence[DeliveryEntry],
        replaced: Sequence[tuple[str, str]],
    ) -> int | None:
        """One commit for all deliveries; none where no row is left and the table stands."""
        expected = sum(e.rows_out for e in entries)
        if not expected and self.lake.version(contract.bronze) is not None:
            return self.lake.version(contract.bronze)
        note = delivered.note(entries, replaced)
        seen = Observation()
        observed = rows.observe(seen, F.count(F.lit(1)).alias("rows"))
        version = self.lake.append(observed, contract.bronze, bronze_schema(contract), note)
        if seen.get["rows"] != expected:
            raise BuildError(
                f"{contract.bronze}: {seen.get['rows']} rows were committed, {expected} were judged"
            )
        return version

    def _set_aside(
        self, contract: SourceContract, faulty: DataFrame, earlier: DataFrame | None, batches: Sequence[str]
    ) -> None:
        """Faulty rows to quarantine, before the commit; a repeat after a crash replaces its own."""
        bad = faulty if earlier is None else faulty.unionByName(earlier)
        as_typed = F.to_json(F.struct(*contract.column_names))
        rows = bad.select(
            F.lit(contract.bronze).alias("table"),
            F.col("_batch").alias("step"),
            F.col("_batch").alias("batch_id"),
            F.col("_file").alias("file"),
            F.col("_row").alias("row"),
            F.col("_subject").alias("subject_key"),
            F.col("_faults").alias("reasons"),
            F.coalesce("_raw", as_typed).alias("raw"),
            F.lit(self.as_of).alias("as_of"),
        )
        table = quarantine_table(contract.bronze)
        if self.lake.version(table) is None:
            self.lake.append(rows, table, QUARANTINE, {})
            return
        steps = ", ".join(f"'{b}'" for b in sorted(batches))
        self.lake.overwrite(rows, table, QUARANTINE, {}, f"step IN ({steps})")

    def _entry(
        self, delivery: Delivery, findings: Sequence[Finding], measured: Sequence[Measured] = ()
    ) -> DeliveryEntry:
        fate = worst(findings)
        facts: list[Facts | None] = [m.facts for m in measured]
        facts = facts or [None] * len(delivery.files)
        taken = bool(measured) and not refused(findings)
        return DeliveryEntry(
            batch_id=delivery.batch_id,
            table=delivery.contract,
            business_date=delivery.business_date,
            kind=delivery.kind,
            content=delivery.content,
            files=[judgement.trace(f, seen) for f, seen in zip(delivery.files, facts, strict=True)],
            outcome=fate.outcome.label if fate else judgement.TAKEN,
            taken_as_of=self.as_of,
            message="\n".join(f.message for f in sorted(findings, key=lambda f: f.outcome.rank)) or None,
            rows_in=sum(m.facts.rows for m in measured) if taken else 0,
            quarantined=sum(m.faulty for m in measured) if taken else 0,
        )


def _is_closed(findings: Sequence[Finding]) -> bool:
    """Whether a delivery's fate is sealed without reading it."""
    fate = worst(findings)
    return fate is not None and (fate.outcome.severity == "refuse" or fate.outcome is Outcome.DUPLICATE)
