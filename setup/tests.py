"""`make test`: the tests in several processes, `LANES` (2 unless set) at a time; what each part prints comes whole.

A process each, with a Spark of its own: in one alone what hundreds of tests broadcast fills Java's memory. And a lane
each: a test that plans and commits leaves a core idle.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    ("tests/spec/identity", "tests/spec/models", "tests/spec/linkage"),
    ("tests/dags", "tests/delta", "tests/e2e", "tests/faults", "tests/generative"),
    ("tests/spec",),
    ("tests/unit",),
)
"""The longest first. What an earlier part names, a later one that holds it leaves out."""


def commands(parts: Sequence[Sequence[str]] = PARTS) -> list[list[str]]:
    """One pytest call for each part."""
    pytest = [sys.executable, "-m", "pytest", "-m", "not long"]
    named: list[str] = []
    found = []
    for part in parts:
        inside = [f"--ignore={n}" for n in named if any(n.startswith(f"{p}/") for p in part)]
        found.append([*pytest, *part, *inside])
        named += part
    return found


def run(calls: Sequence[Sequence[str]], lanes: int) -> int:
    """Run all, whatever fails; print each one's output when it has ended. Returns how many failed."""
    began, failed = time.monotonic(), 0
    with ThreadPoolExecutor(lanes) as pool:
        for done in as_completed([pool.submit(_ended, call) for call in calls]):
            ended = done.result()
            failed += ended.returncode != 0
            seconds = time.monotonic() - began
            print(f"$ {' '.join(ended.args[1:])}   (ended after {seconds:.0f} s)\n{ended.stdout}", flush=True)
    return failed


def _ended(call: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # fmt: skip


if __name__ == "__main__":
    sys.exit(min(run(commands(), int(os.environ.get("LANES") or "2")), 1))
