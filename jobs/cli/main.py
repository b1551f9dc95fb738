"""`onebook`: the application and the boundary where errors become messages and exit codes."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Final

import typer
from pyspark.errors import PySparkException

from conf.errors import ConfError
from jobs.cli import demo, explain, graph, maintain, run, show, train, validate
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
app.command("maintain")(maintain.command)


def main() -> None:
    """Run the command line; errors end it with a message and an exit code, traces only with --verbose."""
    verbose = any(flag in sys.argv for flag in ("--verbose", "-v"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, stream=sys.stderr)
    for noisy in ("py4j", "matplotlib", "urllib3", "alembic", "sqlalchemy", "filelock", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if not verbose:
        warnings.simplefilter("ignore")
    try:
        app(standalone_mode=True)
    except (OnebookError, ConfError, PySparkException) as error:
        if verbose:
            raise
        code = (
            error.exit_code
            if isinstance(error, OnebookError)
            else USAGE
            if isinstance(error, ConfError)
            else 1
        )
        message = str(error) if isinstance(error, ConfError) else in_words(error)
        ERR.print(f"[bold red]error:[/bold red] {message}", highlight=False, soft_wrap=True, markup=True)
        sys.exit(code)


if __name__ == "__main__":
    main()
