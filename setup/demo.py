"""`make demo`: two years of a bank of our own making in one pass, models trained on them, then two days as they
would come. Repeated, it finds the history there and only runs the days again, which changes nothing.

Every step is the command that it prints. All but the making of the extracts, whose memory is let go of so, run in this
one process: Java warms up once.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from jobs.cli.main import main as onebook

ROOT = Path(__file__).resolve().parents[1]
USUAL = 20_000
NEXT = """
The book is written, in {seconds:.0f} s. Where to look next (.venv/bin/ goes before each command):
  onebook list                                              every table: inputs, grain, schedule
  onebook show gold.customer_profile {book}
  onebook explain CUSTOMER_ID {book}
  {lake}/docs/quality/index.html               what the gates said, as pages
  onebook cockpit {book}            models, drift, lists and warnings on one page
  {lake}/publish/                                    audiences and marts, as files
  make airflow                                              the same, scheduled
  make bench                                                how well, against the bank's truth
Start over with: make clean
"""


def demo(customers: int) -> None:
    """Make, run, train, run. Raises SystemExit with the code of the first command that fails."""
    began = time.monotonic()
    os.chdir(ROOT)
    name = "demo" if customers == USUAL else f"demo-{customers}"
    extracts, lake, done = f"data/extracts/{name}", f"data/lake/{name}", Path(f"data/{name}.done")
    book = f"--bank demo --lake {lake}"
    steps = [f"run {book} --extracts {extracts} --from 2025-12-30 --to 2025-12-31", f"quality {book} --docs"]
    if not done.is_file():
        made = f"demo --customers {customers} --from 2024-01-01 --to 2025-12-31 --daily-from 2025-12-30 --out {extracts}"
        apart(made, began)
        history = [
            f"run {book} --extracts {extracts} --as-of 2025-12-29",
            f"train {book} --as-of 2025-12-29",
        ]
        for command in history:
            call(command, began)
        done.touch()
    for command in steps:
        call(command, began)
    print(NEXT.format(seconds=time.monotonic() - began, book=book, lake=lake))


def apart(command: str, began: float) -> None:
    """One command of onebook in a process of its own."""
    announce(command, began)
    ended = subprocess.run([sys.executable, "-m", "jobs", *shlex.split(command)], check=False)
    if ended.returncode:
        raise SystemExit(ended.returncode)


def announce(command: str, began: float) -> None:
    """What is run, and how long all has taken."""
    print(f"\n== onebook {command}   ({time.monotonic() - began:.0f} s so far)", flush=True)


def call(command: str, began: float) -> None:
    """One command of onebook, as from a shell."""
    announce(command, began)
    sys.argv = ["onebook", *shlex.split(command)]
    try:
        onebook()
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    demo(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL)
