"""`onebook train`: learn the models from the past and let the gate decide which of them may score."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from jobs.cli import output
from jobs.cli.book import artifacts_uri, model_registry
from jobs.cli.due import Due, due, reasons
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Place, Verbose, day, place
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
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only models that gold.model_retrain says are due.")
    ] = False,
    search: Annotated[
        float | None,
        typer.Option(
            min=0, help="Seconds for each model to search for better parameters [as configured: 0]."
        ),
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Train on what was known at the close of a date (default: the book's); promote only what passes the gate."""
    where = place(bank, None, lake, conf).existing()
    at = day(as_of) or where.ledger.latest_as_of()
    if at is None:
        raise UsageError("the book is empty", "run `onebook run` first")
    judged = _judged(where, at, model) if if_due else []
    _tell([d for d in judged if not d.is_due], json)
    names = [d.model for d in judged if d.is_due] if if_due else model
    # What is searched for takes minutes: whoever waits is told how far it has come.
    logging.getLogger("models.core.search").setLevel(logging.INFO)
    if names or not if_due:
        _tell(_trained(where, at, names, search), json)


def _judged(where: Place, at: date, names: Sequence[str] | None) -> list[Due]:
    from models.core.known import known_models  # noqa: PLC0415 - brings LightGBM along
    from models.core.versions import last_trained  # noqa: PLC0415 - mlflow costs seconds

    return due(names or known_models(), reasons(where, at), last_trained(model_registry(where)), at)


def _trained(where: Place, at: date, names: Sequence[str] | None, search: float | None) -> Sequence[Any]:
    from models.core.training import train_all  # noqa: PLC0415 - brings scikit-learn and mlflow along

    versions = {t: v for t in where.lake.tables() if (v := where.lake.version(t)) is not None}
    return train_all(
        where.spark,
        lambda table: where.lake.state(where.spark, table),
        where.bank,
        at,
        model_registry(where).uri,
        artifacts_uri(where),
        names=names,
        table_versions=versions,
        code=code_version(),
        search_seconds=search,
    )


def _tell(verdicts: Sequence[Any], json: bool) -> None:
    for verdict in verdicts:
        output.as_json(asdict(verdict)) if json else output.say(str(verdict))
