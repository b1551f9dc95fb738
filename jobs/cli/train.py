"""`onebook train`: learn the models from the past and let the gate decide which of them may score."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from jobs.cli import output
from jobs.cli.book import artifacts_uri, tracking_uri
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Verbose, day, place
from jobs.core.errors import UsageError
from jobs.registry import code_version


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="Only this model; may be repeated.")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Train on what was known at the close of a date (default: the book's); promote only what passes the gate."""
    from models.core.training import train_all  # noqa: PLC0415 - brings scikit-learn and mlflow along

    where = place(bank, None, lake, conf).existing()
    date = day(as_of) or where.ledger.latest_as_of()
    if date is None:
        raise UsageError("the book is empty", "run `onebook run` first")
    versions = {t: v for t in where.lake.tables() if (v := where.lake.version(t)) is not None}
    verdicts = train_all(
        where.spark,
        lambda table: where.lake.read(where.spark, table),
        where.bank,
        date,
        tracking_uri(where),
        artifacts_uri(where),
        names=model,
        table_versions=versions,
        code=code_version(),
    )
    if json:
        for verdict in verdicts:
            output.as_json(asdict(verdict))
        return
    for verdict in verdicts:
        output.say(str(verdict))
