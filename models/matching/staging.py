"""Where frames are laid as Parquet files on their way between Spark and DuckDB, readable by their owner only."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from uuid import uuid4


@cache
def _area() -> str:
    # mkdtemp gives mode 0700: the records in it carry names and numbers.
    made = tempfile.mkdtemp(prefix="onebook-matching-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def new_location(name: str) -> str:
    """A location on this machine that nothing else uses; it is removed when the process ends.

    DuckDB scores on one machine, so a local folder serves it; on a cluster the engine is Spark.
    """
    return f"{_area()}/{name}-{uuid4().hex}"
