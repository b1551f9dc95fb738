"""The `onebook` command line in a process of its own.

A JVM and its memory end with the task, and a failure is told by its exit code alone, so that Airflow never
needs to read a message with a customer's data in it.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from airflow.sdk import get_current_context

log = logging.getLogger(__name__)

ROOT: Final = Path(__file__).resolve().parents[1]
USAGE, DATA, TRANSIENT = 2, 3, 4  # exit codes of the command line; any other failure is unexpected
Rows = list[dict[str, Any]]


class CommandError(RuntimeError):
    """The command line ended with an exit code that isn't 0; its own message is in the task's log above."""

    def __init__(self, code: int, command: Sequence[str]) -> None:
        super().__init__(f"exit code {code} from: {shlex.join(command)}")
        self.code = code


def onebook(verb: str, *options: str) -> Rows:
    """Run the command line, pass on what it says, and return its JSON lines. Raises CommandError."""
    argv = [*_launcher(verb), verb, *options, "--json"]
    place = {**os.environ, **_place(get_current_context()["params"])}
    rows: Rows = []
    # The same process group as the task: what ends the task ends the JVM too.
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=place) as process:
        try:
            for line in process.stdout or ():
                log.info(line.rstrip())
                rows += _records(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise CommandError(process.returncode, argv)
    return rows


def _place(given: Mapping[str, Any]) -> dict[str, str]:
    """Where to work, as the environment that every command reads."""
    return {
        f"ONEBOOK_{n.upper()}": str(given[n]) for n in ("bank", "extracts", "lake", "conf") if given.get(n)
    }


def _launcher(verb: str) -> list[str]:
    """Python itself, or spark-submit with the options of ONEBOOK_SPARK_SUBMIT for commands that need Spark."""
    submit = os.environ.get("ONEBOOK_SPARK_SUBMIT")
    if submit and verb != "list":
        return [*shlex.split(submit), str(ROOT / "jobs" / "__main__.py")]
    return [sys.executable, "-m", "jobs"]


def _records(line: str) -> Rows:
    """The JSON object of a line of output; a line that isn't one is only logged."""
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return [found] if isinstance(found, dict) else []
