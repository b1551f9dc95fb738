"""The deliveries of one run: what has arrived, taken in contract by contract."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace as changed
from datetime import date
from typing import Final

from pyspark.sql import SparkSession

from conf.contracts import SourceContract
from jobs.bronze.ingest import Ingest
from jobs.cli.options import Place
from jobs.core import storage
from jobs.core.context import Run
from jobs.core.errors import UsageError
from jobs.core.ledger import DeliveryEntry, Entry
from jobs.core.runner import explain

LOG = logging.getLogger("onebook")
REFUSED: Final = "refused"
Report = Callable[[Entry], None]


def latest_delivery(where: Place) -> date:
    """The business date of the newest delivery. Raises UsageError where nothing was delivered."""
    newest = newest_delivery(where)
    if newest is None:
        raise UsageError(f"nothing was delivered to {where.extracts}", "check --extracts and --bank")
    return newest


def newest_delivery(where: Place) -> date | None:
    """The business date of the newest delivery that lies there."""
    flat = [c.delivery.date_ for c in where.bank.contracts if c.delivery.date_ is not None]
    systems = {c.system for c in where.bank.contracts if c.delivery.layout == "dated"}
    dated = [d for s in systems for d in _dated_folders(storage.join(where.extracts, s))]
    return max([*flat, *dated], default=None)


def newest_taken(where: Place) -> date | None:
    """The latest date up to which deliveries were taken in, or any table was brought."""
    taken = [d.taken_as_of for d in where.own().ledger.deliveries()]
    return max([*taken, *filter(None, [where.ledger.latest_as_of()])], default=None)


def take_in(where: Place, run: Run, report: Report, systems: frozenset[str], *, replace: bool) -> list[Entry]:
    """Take in what has arrived of each contract (of these systems, where any are named), several at a time.

    One entry for what was taken in of a contract, and one for each delivery that was refused. Raises UsageError
    for a system that the bank doesn't have.
    """
    chosen = [c for c in where.bank.contracts if not systems or c.system in systems]
    if unknown := systems - {c.system for c in where.bank.contracts}:
        known = ", ".join(sorted({c.system for c in where.bank.contracts}))
        raise UsageError(
            f"no system {', '.join(sorted(unknown))} in bank {where.bank_name}", f"known are {known}"
        )

    def take(contract: SourceContract) -> list[Entry]:
        work = Ingest(
            spark=where.spark.newSession(),
            lake=where.lake,
            ledger=where.ledger,
            bank=where.bank_name,
            extracts=where.extracts,
            as_of=run.as_of,
            replace=replace,
            suites=run.suite_folders,
            verdicts=run.verdicts,
        )
        return dealt_with(contract, work, run.as_of)

    spark: SparkSession = where.spark  # start it before the threads ask for it
    assert spark is not None
    entries: list[Entry] = []
    with ThreadPoolExecutor(where.settings.runner.parallel, thread_name_prefix="ingest") as pool:
        for made in pool.map(take, chosen):
            for entry in made:
                report(entry)
                entries.append(entry)
    return entries


def dealt_with(contract: SourceContract, work: Ingest, as_of: date) -> list[Entry]:
    """A contract's deliveries as one entry for what was taken in, and one for each that was refused.

    Where taking in fails, the ledger is told as well: what is built on the table is stale, in whatever process.
    """
    began = time.monotonic()
    try:
        dealt = work.take(contract)
    except Exception as error:
        # One source's fault must not stop the others.
        LOG.debug("%s failed", contract.bronze, exc_info=error)
        work.give_up(contract, explain(error))
        return [Entry(contract.bronze, as_of, REFUSED, message=explain(error))]
    taken = [d for d in dealt if d.version is not None]
    seconds = round(time.monotonic() - began, 2)
    entries = [changed(_summed(contract, taken, as_of), seconds=seconds)] if taken or not dealt else []
    return entries + [
        Entry(contract.bronze, as_of, _fate(d), message=f"{d.business_date} {d.outcome}: {d.message}")
        for d in dealt
        if d.version is None
    ]


def _summed(contract: SourceContract, taken: Iterable[DeliveryEntry], as_of: date) -> Entry:
    entry = Entry(contract.bronze, as_of, "unchanged")
    for d in taken:
        entry = changed(
            entry,
            outcome="written",
            version=d.version,
            rows_in=entry.rows_in + d.rows_in,
            rows_out=entry.rows_out + d.rows_out,
            quarantined=entry.quarantined + d.quarantined,
            deduplicated=entry.deduplicated + d.deduplicated,
            message="\n".join(filter(None, [entry.message, d.message])) or None,
        )
    return entry


def _fate(delivery: DeliveryEntry) -> str:
    return "unchanged" if delivery.outcome == "duplicate" else REFUSED


def _dated_folders(uri: str) -> Iterator[date]:
    for info in storage.listing(uri):
        try:
            yield date.fromisoformat(str(info.base_name))
        except ValueError:
            continue
