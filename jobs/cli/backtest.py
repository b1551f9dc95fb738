"""`onebook models backtest`: how the models would have done, had they been trained at past dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, AsOfDate, BankName, ConfAt, LakeAt, Verbose, day, place
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    from models.core.backtest import Origin

COLUMNS: Final = ("model", "origin", "windows", "cases", "figure", "naive", "error of calibration", "gate")


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    as_of: AsOfDate = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="Only this model; may be repeated.")
    ] = None,
    origins: Annotated[
        int | None, typer.Option(min=1, help="Only so many of the last dates [all that history allows].")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Train at each past date on what had been seen by then, and judge on what came after. Nothing is registered."""
    from models.core.backtest import backtest  # noqa: PLC0415 - brings scikit-learn and mlflow along

    where = place(bank, None, lake, conf).existing()
    at = day(as_of) or where.ledger.latest_as_of()
    if at is None:
        raise UsageError("the book is empty", "run `onebook run` first")
    found = backtest(lambda table: where.lake.state(where.spark, table), where.bank, at, model, origins)
    told = list(_told(found, json))
    if not told:
        output.say("no date has a label window before it that had ended: the history is too short")
    elif not json:
        output.table("what training at past dates would have given", COLUMNS, [_row(o) for o in told])


def _told(found: Iterator[Origin], json: bool) -> Iterator[Origin]:
    for origin in found:
        if json:
            output.as_json(asdict(origin))
        yield origin


def _row(origin: Origin) -> Sequence[object]:
    figure = "" if origin.value is None else f"{origin.metric} {origin.value:.4f}"
    ends = "" if origin.low is None else f" [{origin.low:.4f}, {origin.high:.4f}]"
    naive, error = (f"{v:.4f}" if v is not None else "" for v in (origin.baseline, origin.calibration_error))
    verdict = "passes" if origin.passed else origin.reason
    return (
        origin.model,
        origin.origin.isoformat(),
        origin.train_dates,
        origin.cases,
        figure + ends,
        naive,
        error,
        verdict,
    )
