"""The command line in this process: quick, and with its messages and exit code as a shell would see them."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from jobs.cli.main import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def onebook(*arguments: object) -> Done:
    """`onebook` with these arguments."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    level = logging.getLogger().level
    with (
        patch.object(sys, "argv", ["onebook", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    logging.getLogger().setLevel(level)
    return Done(code, out.getvalue(), err.getvalue())
