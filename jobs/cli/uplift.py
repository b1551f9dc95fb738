"""`onebook uplift`: whom a past campaign with hold-out moved, and whether to target by that."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, Verbose
from jobs.core.errors import UsageError


def command(
    file: Annotated[Path, typer.Option("--input", help="The campaign: CSV or Parquet, one row a customer.")],
    treatment: Annotated[
        str, typer.Option("--treatment", help="Column that tells who was treated: two values.")
    ],
    outcome: Annotated[
        str, typer.Option("--outcome", help="Column of what came of it: two values, or a number.")
    ],
    out: Annotated[Path, typer.Option("--output", help="Folder for effects.parquet and report.json.")],
    treated: Annotated[
        str | None, typer.Option("--treated", help="Which value is treated, where it isn't plain.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", help="Numeric column one would rank by otherwise; to be beaten.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Column of the customer [the row's number].")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="Column not known before the treatment; repeatable.")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Estimate the effect of a treatment on each customer, and judge it against a rule, a response model and chance."""
    from models.uplift import estimate, files  # noqa: PLC0415 - pandas and LightGBM only where needed

    began = time.monotonic()
    frame = files.read(file)
    if key is not None and key not in frame.column_names:
        raise UsageError(
            f"{file}: there is no column {key!r}", f"columns are {', '.join(frame.column_names)}"
        )
    left_out = [*(exclude or []), *([key] if key else [])]
    told = estimate(
        frame,
        treatment=treatment,
        outcome=outcome,
        rule=rule,
        treated=_as_in(frame, treatment, treated),
        exclude=left_out,
    )
    made = files.write(out, frame, told, key)
    facts: dict[str, Any] = {
        "rows": told.report.rows,
        "treated": told.report.treated,
        "mean effect": str(told.report.effect),
        "rank by": told.report.use,
        "because": told.report.reason,
        "output": str(out),
        "seconds": round(time.monotonic() - began, 1),
    }
    output.as_json(made | facts) if json else output.facts(facts)


def _as_in(frame: Any, column: str, value: str | None) -> Any:
    """The option's text as the column's own value."""
    if value is None or column not in frame.column_names:
        return value
    return next((v for v in frame[column].unique().to_pylist() if str(v) == value), value)
