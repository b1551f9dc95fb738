"""`onebook clv`: what each customer of any transaction log will spend."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, Verbose, dated
from jobs.core.errors import UsageError


def command(
    transactions: Annotated[
        Path, typer.Option("--transactions", help="The log: CSV or Parquet, one row a purchase.")
    ],
    customer: Annotated[str, typer.Option("--customer", help="Column of the customer.")],
    day: Annotated[str, typer.Option("--date", help="Column of the date.")],
    amount: Annotated[str, typer.Option("--amount", help="Column of the amount.")],
    until: Annotated[
        datetime,
        dated("--calibrate-until", help="Last day that is known, inclusive."),
    ],
    weeks: Annotated[
        int, typer.Option("--horizon-weeks", min=1, max=520, help="Weeks after that day to foretell.")
    ],
    out: Annotated[Path, typer.Option("--output", help="Folder for predictions.parquet.")],
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Foretell each customer's spending from a plain log of transactions, with an interval and whether they're active."""
    from models.btyd import forecast, log  # noqa: PLC0415 - pandas and LightGBM only where needed

    began = time.monotonic()
    try:
        rows = log.read(transactions, customer, day, amount)
        told = forecast.forecast(rows, log.day_number(until.date()), weeks)
    except log.UnusableLogError as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None
    out.mkdir(parents=True, exist_ok=True)
    file, arriving = out / "predictions.parquet", out / ".predictions.parquet"
    told.table.to_parquet(arriving, index=False)
    arriving.replace(file)
    facts = told.how | {
        "rows_left_out": rows.attrs["left_out"],
        "bg_nbd": {k: v for k, v in asdict(told.how["bg_nbd"]).items() if k != "modified"},
        "output": str(file),
        "seconds": round(time.monotonic() - began, 1),
    }
    output.as_json(facts) if json else output.facts(facts)
