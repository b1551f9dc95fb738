"""`onebook demo`: make the demonstration bank's extracts."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, Verbose, dated
from jobs.core.errors import UsageError
from jobs.core.session import PROJECT


def command(
    customers: Annotated[
        int, typer.Option(help="Customers, 100 to 5,000,000.", min=100, max=5_000_000)
    ] = 20_000,
    first: Annotated[
        datetime,
        dated("--from", help="First day of the bank's history."),
    ] = datetime(2024, 1, 1),  # noqa: DTZ001 - a business date
    last: Annotated[datetime, dated("--to", help="Last business day.")] = datetime(  # noqa: DTZ001
        2025, 12, 31
    ),
    daily_from: Annotated[
        datetime | None,
        dated(help="First day with a delivery of its own [the last 31 days]."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    out: Annotated[Path, typer.Option(help="Where to write the extracts.")] = PROJECT
    / "data"
    / "extracts"
    / "demo",
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make extracts as a bank's systems would deliver them, as dirty as in the field, with the truth beside them."""
    from jobs.demo import make  # noqa: PLC0415 - numpy and pyarrow only where needed

    if last < first:
        raise UsageError(f"--to {last.date()} lies before --from {first.date()}", "swap them")
    began = time.monotonic()
    summary = make(out, customers, first.date(), last.date(), seed, daily_from.date() if daily_from else None)
    told = {"out": str(out), "customers": customers, "seconds": round(time.monotonic() - began, 1)}
    if json:
        output.as_json({**told, "summary": summary})
        return
    output.say(f"{customers:,} customers, {first.date()} to {last.date()}, in {told['seconds']} s: {out}")
