"""The book of one bank: a whole run from deliveries to published files, and training, as the commands call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from filelock import FileLock, Timeout

from jobs.cli.deliveries import REFUSED, Report, take_in
from jobs.cli.options import Place
from jobs.core import storage
from jobs.core.context import Run
from jobs.core.errors import Busy, UsageError
from jobs.core.job import Job
from jobs.core.ledger import Entry
from jobs.core.quality import record
from jobs.core.runner import bring
from jobs.publish import watching
from jobs.publish.files import publish
from jobs.registry import code_version, registry
from models.core.in_force import load as load_champion
from models.core.registry import Registry

LISTED: Final = ("gold.audience", "gold.eligibility")
PUBLISHED: Final = "publish.audiences"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did: an entry for each table, bronze included."""

    as_of: date
    entries: list[Entry]
    done_before: bool = False

    @property
    def failed(self) -> list[Entry]:
        """Entries of tables that failed, and of deliveries that were refused."""
        return [e for e in self.entries if e.outcome in ("failed", REFUSED)]


@dataclass(frozen=True, slots=True)
class Ask:
    """What of the graph to run, and how."""

    jobs: Sequence[Job]
    ingest: bool = True
    systems: frozenset[str] = frozenset()
    replace_delivery: bool = False
    rebuild: frozenset[str] = frozenset()


def run_day(where: Place, as_of: date, ask: Ask, report: Report) -> Outcome:
    """Bring the book to the close of `as_of`: take in deliveries, then each job after its inputs.

    Raises UsageError for a date before the book's, unless that date was already run whole, and for another bank's lake;
    Busy where another run holds it.
    """
    if ask.ingest:
        _ = where.extracts  # a wrong path is refused before anything is started or written
    latest = where.own().ledger.latest_as_of()
    if latest is not None and as_of < latest:
        if not ask.rebuild and registry().schemas.keys() <= where.ledger.brought_to(as_of):
            return Outcome(as_of, [], done_before=True)
        remedy = f"run --as-of {latest} takes late deliveries in; `show --as-of {as_of}` reads the book of that day"
        raise UsageError(f"the book is at {latest} already, {as_of} lies before it", remedy)
    with only_writer(where):
        return _run(where, as_of, ask, report)


def days_between(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`. Raises UsageError where they are the wrong way round."""
    if last < first:
        raise UsageError(f"--to {last} lies before --from {first}", "swap them")
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def tracking_uri(where: Place) -> str:
    """Where models are tracked: as configured, else an SQLite file in the lake."""
    if where.settings.tracking.uri is not None:
        return where.settings.tracking.uri
    return f"sqlite:///{storage.local_path(storage.join(where.lake.uri, 'mlflow.db'))}"


def model_registry(where: Place) -> Registry:
    """The bank's part of where models are tracked. What the lake's own registry holds is the bank's by any name."""
    found = Registry(tracking_uri(where), where.bank.name)
    if where.settings.tracking.uri is None and found.may_wait():
        from models.core.adoption import adopt  # noqa: PLC0415 - mlflow costs seconds

        adopt(found)
    return found


def artifacts_uri(where: Place) -> str:
    """Where models' files lie."""
    return storage.join(where.lake.uri, "_models")


def _run(where: Place, as_of: date, ask: Ask, report: Report) -> Outcome:
    ledger, fingerprint = where.ledger, where.bank.fingerprint
    run_id = ledger.begin(where.bank_name, as_of, code_version(), fingerprint)
    run = Run(
        lake=where.lake,
        ledger=ledger,
        bank=where.bank,
        as_of=as_of,
        code=code_version(),
        run_id=run_id,
        schemas=registry().schemas,
        champions=_champions(where),
        rebuild=ask.rebuild,
    )
    entries, status = [], "failed"
    try:
        entries = take_in(where, run, report, ask.systems, replace=ask.replace_delivery) if ask.ingest else []
        refused = ledger.faulty_at(as_of) - {t for job in ask.jobs for t in job.outputs}
        parallel = where.settings.runner.parallel
        entries += bring(run, ask.jobs, where.spark, parallel=parallel, report=report, failed=refused)
        entries += publish_lists(where, run, entries, report)
        record(where.lake, where.spark, run.verdicts, as_of)
        whole = len(ask.jobs) == len(registry().jobs) and ask.ingest
        bad = any(e.outcome in ("failed", REFUSED) for e in entries)
        status = "partial" if bad or not whole else "done"
    finally:
        ledger.end(run_id, status)
    return Outcome(as_of, entries)


def publish_lists(where: Place, run: Run, made: Sequence[Entry], report: Report) -> list[Entry]:
    """Write the audience lists anew where what they are made of was brought to the date without a fault.

    Lists that the ledger says went out as they are made now stay untouched; the entry comes after the files, so that
    what a crash or a refusal kept back goes out with the next run.
    """
    sources = {e.table: e for e in made if e.table in LISTED}
    if len(sources) < len(LISTED):
        return []
    entry = _published(where, run.as_of, made, " ".join(sources[table].signature for table in LISTED))
    if entry.outcome != "unchanged":
        run.ledger.enter(run.run_id, entry)
    report(entry)
    return [entry]


def _published(where: Place, as_of: date, made: Sequence[Entry], signature: str) -> Entry:
    """What becomes of the lists; `signature` says what they are made of."""
    folder = storage.join(where.lake.uri, "publish", "audiences")
    needed, last = (*LISTED, watching.WATCHED), where.ledger.last(PUBLISHED)
    if failed := [e.table for e in made if e.table in needed and e.outcome == "failed"]:
        return Entry(
            PUBLISHED, as_of, "failed", message=f"lists stay as they were: {', '.join(failed)} failed"
        )
    if jumped := watching.refused(where.lake, where.spark, where.bank, as_of):
        return Entry(PUBLISHED, as_of, "failed", message=jumped)
    if last and (last.as_of, last.signature) == (as_of, signature) and storage.exists(folder):
        return Entry(PUBLISHED, as_of, "unchanged")
    members, judged = (where.lake.read(where.spark, table) for table in LISTED)
    lists = publish(members, judged, bank=where.bank, as_of=as_of, folder=folder)
    rows = sum(one.members for one in lists)
    told = f"{len(lists)} lists"
    return Entry(PUBLISHED, as_of, "written", signature, rows_in=rows, rows_out=rows, message=told)


def _champions(where: Place) -> Callable[[str, str | None], Any]:
    of = model_registry(where)
    return lambda name, version: load_champion(name, of, None if version is None else int(version))


@contextmanager
def only_writer(where: Place) -> Iterator[None]:
    """Hold the bank's lake: one run at a time. Raises Busy where another holds it, UsageError where it isn't the bank's."""
    where.own()
    if not where.lake.uri.startswith(storage.LOCAL):
        yield  # object stores have no lock files: the scheduler serialises runs (max_active_runs=1)
        return
    storage.make_folder(where.lake.uri)
    try:
        with FileLock(storage.local_path(storage.join(where.lake.uri, ".lock")), timeout=0):
            yield
    except Timeout:
        raise Busy(
            f"another run holds the lake {where.lake.uri}", "wait for it to end, then run again"
        ) from None
