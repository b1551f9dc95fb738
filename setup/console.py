"""What set-up says to the person who runs it, and how it starts other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class SetupError(Exception):
    """Set-up can't go on; the message says what is missing and what to do about it."""


def say(step: str, outcome: str) -> None:
    """Print one line of progress."""
    print(f"  {step:<12} {outcome}", flush=True)


def start(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str] | None = None, failure: str
) -> None:
    """Run a program to its end; where it fails, show what it said and raise SetupError(`failure`)."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        print(finished.stdout, file=sys.stderr)
        raise SetupError(failure)


def answer(command: Sequence[str | Path]) -> str | None:
    """What a program prints on both its streams; None where it can't be started or fails."""
    try:
        finished = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return finished.stdout + finished.stderr if finished.returncode == 0 else None


def base_python() -> str:
    """The Python behind this one: set-up may itself have been started from the environment it renews."""
    return str(getattr(sys, "_base_executable", sys.executable))
