"""`onebook`: the application and the boundary where errors become messages and exit codes."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Final

import typer
from rich.markup import escape

from conf.errors import ConfError
from jobs.cli import (
    backtest,
    clv,
    cockpit,
    complaints,
    correct,
    demo,
    explain,
    graph,
    learn,
    maintain,
    match,
    match_encode,
    match_explain,
    match_sample,
    models,
    quality,
    reliability,
    run,
    show,
    steward,
    train,
    uplift,
    validate,
)
from jobs.cli.output import ERR
from jobs.core.errors import OnebookError
from jobs.core.runner import explain as in_words

USAGE: Final = 2

app = typer.Typer(
    name="onebook",
    help="One book of all of a bank's customers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.command)
app.command("run")(run.command)
app.command("train")(train.command)
app.command("list")(graph.list_command)
app.command("graph")(graph.command)
app.command("show")(show.command)
app.command("validate")(validate.command)
app.command("explain")(explain.command)
app.command("match")(match.command)
app.command("match-encode")(match_encode.command)
app.command("match-explain")(match_explain.command)
app.command("match-sample")(match_sample.command)
app.command("clv")(clv.command)
app.command("complaints")(complaints.command)
app.command("uplift")(uplift.command)
steward.app.command("learn")(learn.command)
steward.app.command("correct")(correct.correct)
steward.app.command("corrections")(correct.corrections)
models.app.command("backtest")(backtest.command)
app.add_typer(steward.app, name="steward")
app.add_typer(models.app, name="models")
app.command("quality")(quality.command)
app.command("reliability")(reliability.command)
app.command("cockpit")(cockpit.command)
app.command("maintain")(maintain.command)


def main() -> None:
    """Run the command line; errors end it with a message and an exit code, traces only with --verbose."""
    verbose = any(flag in sys.argv for flag in ("--verbose", "-v"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, stream=sys.stderr)
    for noisy in ("py4j", "matplotlib", "urllib3", "alembic", "sqlalchemy", "filelock", "asyncio", "git"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if not verbose:
        warnings.simplefilter("ignore")
        # MLflow hands its logger a handler of its own and warns of pip's version.
        logging.getLogger("mlflow").setLevel(logging.ERROR)
    try:
        app(standalone_mode=True)
    except Exception as error:
        if verbose:
            raise
        message, code = _in_words(error)
        ERR.print(f"[bold red]error:[/bold red] {escape(message)}", highlight=False, soft_wrap=True)
        sys.exit(code)


def _in_words(error: Exception) -> tuple[str, int]:
    """Message and exit code."""
    if isinstance(error, ConfError):
        return "\n       ".join(map(str, error.all)), USAGE
    return in_words(error), error.exit_code if isinstance(error, OnebookError) else 1


if __name__ == "__main__":
    main()
