"""The process that Spark's Python workers are forked from (spark.python.daemon.module).

A worker lives for a minute; what it imports it imports anew each time, seconds of a core. Imported here, before the
first fork, it costs nothing and its memory is shared.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Final
from zipimport import zipimporter

from pyspark.daemon import manager

# What runs in workers: reading files, spelling names, clusters, scores, audience files. LightGBM starts no thread
# until it is used, so that a fork is safe.
NEEDED: Final = (
    "jobs.bronze.lines",
    "jobs.columns.names",
    "jobs.publish.files",
    "lightgbm",
    "models.core.scoring",
    "models.matching.clusters",
    "models.uplift.score",
    "pyspark.worker",
)


def main() -> None:
    """Import, then serve as Spark's own daemon does."""
    for name in NEEDED:
        import_module(name)
    keep_archives()
    gc.collect()
    gc.freeze()
    manager()


def keep_archives() -> None:
    """Leave the archives on the path as they were read.

    Spark has every task forget what may be imported; Python 3.11 then lists each archive anew, once for each package
    imported from it: Spark's own sixteen times, 70 ms of a core. An archive doesn't change while Spark runs.
    """

    def nothing(self: zipimporter) -> None:
        """In place of listing it."""

    zipimporter.invalidate_caches = nothing  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
