"""DuckDB beside Spark: how much it may hold, and where frames lie on their way between the two."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from typing import Final
from uuid import uuid4

import duckdb

MEMORY: Final = "33%"
"""What DuckDB may hold of the machine's (or the container's) memory: Spark and its workers stand beside it."""


@cache
def _area() -> str:
    # mkdtemp gives mode 0700: the records in it carry names and numbers.
    made = tempfile.mkdtemp(prefix="onebook-matching-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def new_location(name: str) -> str:
    """A location on this machine that nothing else uses, readable by its owner only; it is removed when the process ends.

    DuckDB scores on one machine, so a local folder serves it; on a cluster the engine is Spark.
    """
    return f"{_area()}/{name}-{uuid4().hex}"


def opened() -> duckdb.DuckDBPyConnection:
    """An empty database in memory; what is beyond MEMORY lies in a location of its own while it is needed."""
    return duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": new_location("spilt")})
