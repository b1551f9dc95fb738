"""`onebook run`: bring the book to a business date, whole or in part, one day or day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape

from jobs.cli import output
from jobs.cli.book import Ask, Outcome, days_between, run_day
from jobs.cli.deliveries import REFUSED, latest_delivery, newest_delivery, newest_taken
from jobs.cli.options import (
    AsJson,
    AsOfDate,
    BankName,
    ConfAt,
    ExtractsAt,
    LakeAt,
    Place,
    Verbose,
    dated,
    day,
    place,
)
from jobs.core.errors import DataRefused, UsageError
from jobs.core.ledger import Entry
from jobs.registry import registry

Tables = Annotated[str | None, typer.Option(help="Only these tables (comma-separated), and no deliveries.")]
First = Annotated[
    str | None, typer.Option("--from-table", help="Start at these tables; deliveries are left alone.")
]
Last = Annotated[str | None, typer.Option("--to-table", help="Stop after these tables.")]
Rebuild = Annotated[
    str | None,
    typer.Option(help="Make these tables anew from all that was delivered; logs keep their former dates."),
]
Systems = Annotated[
    str | None, typer.Option(help="Take in only these systems' deliveries (comma-separated).")
]
DayFrom = Annotated[datetime | None, dated("--from", help="First of several days.")]
DayTo = Annotated[datetime | None, dated("--to", help="Last of several days.")]
MOST_AHEAD = timedelta(days=366)
COUNTS = ("in", "out", "quarantined", "deduplicated")


def command(
    bank: BankName = "demo",
    extracts: ExtractsAt = None,
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    first_day: DayFrom = None,
    last_day: DayTo = None,
    tables: Tables = None,
    from_table: First = None,
    to_table: Last = None,
    systems: Systems = None,
    rebuild: Rebuild = None,
    replace_delivery: Annotated[
        bool,
        typer.Option(
            "--replace-delivery", help="Take a changed delivery of a date in, in place of the first."
        ),
    ] = False,
    ingest_only: Annotated[bool, typer.Option("--ingest-only", help="Take deliveries in and stop.")] = False,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take in deliveries and bring every table to the close of a business date (default: the newest delivery's)."""
    where = place(bank, extracts, lake, conf)
    ask = _ask(tables, from_table, to_table, systems, rebuild, ingest_only=ingest_only)
    ask = replace(ask, replace_delivery=replace_delivery)
    days = list(_days(where, day(as_of), day(first_day), day(last_day)))
    _refuse_far_ahead(where, days[-1], ingest=ask.ingest)
    bad: list[Entry] = []
    for one in days:
        outcome = run_day(where, one, ask, _reporter(one, as_json=json))
        _closing(outcome, as_json=json)
        bad += outcome.failed
    if bad:
        names = ", ".join(sorted({e.table for e in bad}))
        raise DataRefused(
            f"{len(bad)} of the run's tables or deliveries failed: {names}", "see the lines above"
        )


def _days(where: Place, as_of: date | None, first: date | None, last: date | None) -> Iterable[date]:
    if first is None and last is None:
        return [as_of or latest_delivery(where)]
    if as_of is not None or first is None:
        raise UsageError("--from goes with --to, and without --as-of", "give --as-of, or --from and --to")
    return days_between(first, last or latest_delivery(where))


def _refuse_far_ahead(where: Place, asked: date, *, ingest: bool) -> None:
    """A mistyped year would bring the book there, and no run comes back from a later date.

    A run that takes nothing in may have no extracts at hand: it is held against what was taken in.
    """
    newest = newest_delivery(where) if ingest else newest_taken(where)
    if newest and asked > newest + MOST_AHEAD:
        raise UsageError(f"{asked} lies far after the newest delivery, of {newest}", "check the year")


def _ask(
    tables: str | None,
    first: str | None,
    last: str | None,
    systems: str | None,
    rebuild: str | None,
    *,
    ingest_only: bool,
) -> Ask:
    reg = registry()
    jobs = reg.named(_names(tables)) if tables else reg.select(_names(first), _names(last))
    jobs = () if ingest_only else jobs
    if left := {reg.owner(table).table for table in _names(rebuild)} - {job.table for job in jobs}:
        raise UsageError(
            f"--rebuild names what this run leaves out: {', '.join(sorted(left))}", "let it run too"
        )
    return Ask(
        jobs=jobs,
        ingest=tables is None and first is None,
        systems=frozenset(_names(systems)),
        rebuild=frozenset(_names(rebuild)),
    )


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _reporter(as_of: date, *, as_json: bool) -> Callable[[Entry], None]:
    def report(entry: Entry) -> None:
        if as_json:
            output.as_json(_line(entry, as_of))
        elif entry.outcome != "unchanged" or entry.message:
            output.say(_sentence(entry), styled=True)

    return report


def _line(entry: Entry, as_of: date) -> dict[str, Any]:
    """One table for machines: counts as integers."""
    return {
        "table": entry.table,
        "as_of": as_of.isoformat(),
        "outcome": entry.outcome,
        "version": entry.version,
        "in": entry.rows_in,
        "out": entry.rows_out,
        "quarantined": entry.quarantined,
        "deduplicated": entry.deduplicated,
        "pending": entry.pending,
        "seconds": entry.seconds,
        "gate": entry.gate,
        "stale": entry.stale,
        "message": entry.message,
    }


def _sentence(entry: Entry) -> str:
    colour = {"written": "green", "failed": "red", REFUSED: "red"}.get(entry.outcome, "dim")
    counts = f"in {entry.rows_in:>9,}  out {entry.rows_out:>9,}"
    left = "".join(f"  {name} {n:,}" for name, n in _left(entry) if n)
    stale = f"  [yellow]on stale {', '.join(entry.stale)}[/yellow]" if entry.stale else ""
    message = f"\n    {escape(entry.message)}" if entry.message else ""
    return (
        f"[{colour}]{entry.outcome:<9}[/{colour}] {entry.table:<34} {counts}{left}"
        f"  {entry.seconds:.1f} s{stale}{message}"
    )


def _left(entry: Entry) -> list[tuple[str, int]]:
    return [
        ("quarantined", entry.quarantined),
        ("deduplicated", entry.deduplicated),
        ("not yet known", entry.pending),
    ]


def _closing(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        return
    if outcome.done_before:
        output.say(f"{outcome.as_of}: this day was run before; nothing to do")
        return
    written = sum(e.outcome == "written" for e in outcome.entries)
    same = sum(e.outcome == "unchanged" for e in outcome.entries)
    counts = f"{written} written, {same} unchanged, {len(outcome.failed)} failed"
    output.say(f"[bold]{outcome.as_of}[/bold]: {counts}", styled=True)
