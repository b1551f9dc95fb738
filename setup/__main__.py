"""`python -m setup`: everything that a clone needs to run, in order. Safe to repeat, and offline when it is."""

from __future__ import annotations

import fcntl
import sys
import time
from pathlib import Path

from setup import environment, jars, java
from setup.console import SetupError, say

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Set the clone up; the exit code is 1 where something is missing that only a person can provide."""
    began = time.monotonic()
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes side by side take turns
        try:
            environment.ensure(ROOT)
            jars.ensure(ROOT, java.ensure(ROOT))
        except SetupError as error:
            print(f"setup: {error}", file=sys.stderr)
            return 1
    say("set up", f"in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
