"""Files that are written already become a version of a table: moved into its folder and entered in its log.

Delta's own writer asks the log with several Spark jobs for each commit, a second or two whatever is written. Where the
table is on this machine's disk the entry is made by `deltalake` instead, in milliseconds.
"""

from __future__ import annotations

import json
import posixpath
import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions
from pyarrow import fs
from pyspark.sql.types import StructType

from jobs.core import storage
from jobs.core.contents import DELTA_LOG, located

PLAIN: Final = (str, int, date)
"""Values that the log writes as they are; an instant, rounded, would need more care than it is worth."""
CHANGE_DATA: Final = "_change_data"
"""Where Delta keeps the rows that say what a version changed."""
CHECKPOINT_EACH: Final = 100
"""Versions after which the log is summed up, as the library does for its own."""
LONGEST: Final = 64
"""A longer text isn't worth a place in the log's statistics."""


def fits(path: str, schema: StructType) -> bool:
    """Whether the table at a URI holds just these columns and types, or isn't there."""
    if not DeltaTable.is_deltatable(located(path)):
        return True
    standing = StructType.fromJson(json.loads(DeltaTable(located(path)).schema().to_json()))
    return [(f.name, f.dataType) for f in standing] == [(f.name, f.dataType) for f in schema]


def commit(
    folder: str,
    path: str,
    schema: StructType,
    *,
    properties: Mapping[str, str],
    statistics: list[str],
    note: str,
    instead: bool,
) -> None:
    """Move the Parquet files of `folder` to the table at `path` and enter them as one version, with our note.

    `instead` replaces what the table holds; else they are added. A crash before the entry leaves files that no
    version names, which VACUUM removes. Raises what deltalake raises where another writer came first.
    """
    storage.make_folder(path)
    added: list[AddAction | RemoveAction] = [
        _moved(info, path, statistics) for info in storage.listing(folder) if _is_data(info)
    ]
    columns = Schema.from_json(schema.json())
    told = CommitProperties(custom_metadata={"userMetadata": note})
    if not DeltaTable.is_deltatable(located(path)):
        new = [a for a in added if isinstance(a, AddAction)]
        create_table_with_add_actions(
            located(path), columns, new, configuration=dict(properties), commit_properties=told
        )
        return
    mode = "overwrite" if instead else "append"
    DeltaTable(located(path)).create_write_transaction(added, mode, columns, commit_properties=told)


def commit_marked(
    folder: str, marks: str, path: str, version: int, *, statistics: list[str], note: str
) -> None:
    """Files of `folder` instead of all that `version` of the table holds, as the next one; those of `marks` say row by
    row what it changes.

    The library enters no marks, so this entry is written here: whole or not at all, and only where no other writer came
    first (FileExistsError). A crash before it leaves files that no version names.
    """
    storage.make_folder(storage.join(path, CHANGE_DATA))
    added = [_moved(info, path, statistics) for info in storage.listing(folder) if _is_data(info)]
    told = [_moved(info, path, [], CHANGE_DATA) for info in storage.listing(marks) if _is_data(info)]
    entry = "\n".join(map(json.dumps, _actions(_held(path, version), added, told, note)))
    storage.write_new(storage.join(path, DELTA_LOG, f"{version + 1:020d}.json"), entry.encode())
    if (version + 1) % CHECKPOINT_EACH == 0:
        DeltaTable(located(path)).create_checkpoint()


def _held(path: str, version: int) -> list[tuple[str, int]]:
    files = pa.table(DeltaTable(located(path), version=version).get_add_actions(flatten=True))
    return list(zip(files["path"].to_pylist(), files["size_bytes"].to_pylist(), strict=True))


def _actions(
    held: list[tuple[str, int]], added: list[AddAction], told: list[AddAction], note: str
) -> Iterator[dict[str, Any]]:
    """The lines of the entry, by Delta's protocol."""
    now = int(time.time() * 1000)
    yield {
        "commitInfo": {
            "timestamp": now,
            "operation": "MERGE",
            "operationParameters": {},
            "userMetadata": note,
        }
    }
    gone = {"deletionTimestamp": now, "dataChange": True, "extendedFileMetadata": True}
    yield from ({"remove": _file(quote(name), size) | gone} for name, size in held)
    for one in added:
        is_new = {"modificationTime": one.modification_time, "dataChange": True, "stats": one.stats}
        yield {"add": _file(one.path, one.size) | is_new}
    yield from ({"cdc": _file(one.path, one.size) | {"dataChange": False}} for one in told)


def _file(path: str, size: int) -> dict[str, Any]:
    return {"path": path, "partitionValues": {}, "size": size}


def _is_data(info: fs.FileInfo) -> bool:
    return str(info.path).endswith(".parquet") and pq.read_metadata(info.path).num_rows > 0


def _moved(info: fs.FileInfo, path: str, statistics: list[str], below: str = "") -> AddAction:
    name = posixpath.join(below, posixpath.basename(info.path))
    told = json.dumps(_statistics(pq.read_metadata(info.path), statistics))
    storage.move(storage.LOCAL + info.path, storage.join(path, name))
    return AddAction(name, info.size, {}, int(info.mtime_ns // 1_000_000), data_change=True, stats=told)


def _statistics(footer: pq.FileMetaData, columns: list[str]) -> dict[str, Any]:
    """Rows, and least, greatest and nulls of each column that the footer tells them of, as Delta writes them."""
    told: dict[str, Any] = {"numRecords": footer.num_rows, "minValues": {}, "maxValues": {}, "nullCount": {}}
    places = {footer.schema.column(i).path: i for i in range(len(footer.schema))}
    for column in columns:
        groups = [footer.row_group(g).column(places[column]).statistics for g in range(footer.num_row_groups)]
        if all(g is not None and g.has_null_count for g in groups):
            told["nullCount"][column] = sum(g.null_count for g in groups)
            _bounds(column, [g for g in groups if g.num_values > 0], told)
    return told


def _bounds(column: str, groups: list[pq.Statistics], told: dict[str, Any]) -> None:
    if not groups or not all(g.has_min_max and type(g.min) in PLAIN for g in groups):
        return
    least, most = _written(min(g.min for g in groups)), _written(max(g.max for g in groups))
    if max(len(str(least)), len(str(most))) <= LONGEST:
        told["minValues"][column], told["maxValues"][column] = least, most


def _written(value: str | int | date) -> str | int:
    return value.isoformat() if isinstance(value, date) else value
