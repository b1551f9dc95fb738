"""What one version of a Delta table consists of, read from its log without a Spark job.

Delta reads a log with Spark, which takes half a second for each version; the logs of a day are hundreds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from jobs.core import storage

DELTA_LOG: Final = "_delta_log"
FEW_FILES: Final = 32
"""Up to so many files are read by name: beyond, what Delta's statistics let it skip is worth asking the log."""
PATTERN: Final = frozenset("*?[]{}\\")
"""Spark takes a file's name with one of these for a pattern."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The schema of a version and its files: a version never changes, so neither do these.

    `size`: bytes of all files, None where the log wasn't read.
    """

    schema: StructType
    files: tuple[str, ...]
    size: int | None

    @property
    def is_read_by_name(self) -> bool:
        """Whether Spark may read the files as they are: few, and none that it would take for a pattern."""
        return len(self.files) <= FEW_FILES and not any(PATTERN & set(name) for name in self.files[:1])


def contents(spark: SparkSession, path: str, version: int) -> Contents:
    """Of a version of the table at a URI."""
    if is_readable(path):
        return _from_log(path, version)
    return _from_delta(spark.read.format("delta").option("versionAsOf", version).load(path))


def last_day(path: str, column: str) -> date | None:
    """The greatest value of a date column in the newest version, where the log's statistics tell it for every file.

    None where they don't; the first of all days where the version holds nothing.
    """
    if not is_readable(path):
        return None
    files = pa.table(DeltaTable(located(path)).get_add_actions(flatten=True))
    if not files.num_rows:
        return date.min
    name = f"max.{column}"
    if name not in files.column_names or files[name].null_count:
        return None
    found: date | None = pc.max(files[name]).as_py()
    return found


def is_readable(path: str) -> bool:
    """Whether the library can be asked: it takes a percent sign for an escape."""
    return path.startswith(storage.LOCAL) and "%" not in path


def located(path: str) -> str:
    """A URI as the library wants it."""
    return storage.LOCAL + quote(path.removeprefix(storage.LOCAL))


def _from_log(path: str, version: int) -> Contents:
    table = DeltaTable(located(path), version=version)
    schema = StructType.fromJson(json.loads(table.schema().to_json()))
    files = tuple(storage.LOCAL + unquote(uri) for uri in table.file_uris())
    sizes = pa.table(table.get_add_actions(flatten=True))["size_bytes"]
    return Contents(schema, files, int(pc.sum(sizes).as_py() or 0))


def _from_delta(rows: DataFrame) -> Contents:
    return Contents(rows.schema, tuple(rows.inputFiles()), None)
