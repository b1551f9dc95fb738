"""`onebook cockpit`: one page of how the book, its models, lists and warnings stand."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Verbose, day, place
from jobs.core import storage
from jobs.core.errors import UsageError


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    days: Annotated[
        int, typer.Option(help="Days before the date that drift and movements reach back.", min=1)
    ] = 90,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write the page below the lake (docs/cockpit): tables, models, drift, outcomes, segments, warnings, quality."""
    from jobs.publish.cockpit import Gathering  # noqa: PLC0415 - matplotlib costs seconds

    where = place(bank, None, lake, conf).existing()
    at = day(as_of) or where.ledger.latest_as_of()
    if at is None:
        raise UsageError("the book is empty", "run `onebook run` first")
    found = Gathering(where.lake, where.spark, at, days).cockpit(bank, where.ledger.last_words(at))
    uri = storage.join(where.lake.uri, "docs", "cockpit", "index.html")
    storage.write_bytes(uri, found.html().encode())
    if json:
        output.as_json({"as_of": at, "page": uri})
    else:
        output.say(f"cockpit: {uri}")
