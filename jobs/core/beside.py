"""DuckDB beside Spark: how much it may hold, and where its files and those on their way between the two lie."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb
from filelock import FileLock, Timeout

PREFIX: Final = "onebook-beside-"
LOCK: Final = ".lock"

MEMORY: Final = "33%"
"""What DuckDB may hold of the machine's (or the container's) memory: Spark and its workers stand beside it."""


@cache
def _area() -> Path:
    _sweep()
    # mkdtemp gives mode 0700: the records in it carry names and numbers.
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    held = FileLock(made / LOCK)
    held.acquire()
    atexit.register(_leave, made, held)
    return made


def _leave(area: Path, held: FileLock) -> None:
    held.release()
    shutil.rmtree(area, ignore_errors=True)


def _sweep() -> None:
    """Remove what processes left that were killed: a lock that nobody holds says so, also across containers."""
    for area in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # One without a lock is just being made, by a process that takes its lock next.
        with suppress(OSError, Timeout):
            if (area / LOCK).exists():
                FileLock(area / LOCK, timeout=0).acquire()
                shutil.rmtree(area, ignore_errors=True)


def new_location(name: str) -> str:
    """A location on this machine that nothing else uses, readable by its owner only; it is removed when the process
    ends, or, where it was killed, when the next one begins.

    DuckDB scores on one machine, so a local folder serves it; on a cluster the engine is Spark.
    """
    return f"{_area()}/{name}-{uuid4().hex}"


def opened() -> duckdb.DuckDBPyConnection:
    """An empty database in memory; what is beyond MEMORY lies in a location of its own while it is needed.

    Left to itself DuckDB takes four fifths of the machine, and spills into the folder that the command was called in.
    """
    return duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": new_location("spilt")})
