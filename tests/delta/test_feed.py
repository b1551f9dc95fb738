"""What came and went by the log's files, beside what Delta's own change feed says."""

from __future__ import annotations

from pathlib import Path

import pytest
from delta.tables import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.core import effort, storage
from jobs.core.catalog import Lake
from jobs.core.contents import DELTA_LOG
from jobs.core.feed import feed
from jobs.core.job import Append, Snapshot
from tests.delta.frames import D1, D2, D3, STATE, rows, write

DAYS: dict[str, list[list[tuple[str, int | None]]]] = {
    "gold.t": [
        [("a", 1), ("b", 1), ("c", 1), ("d", 1)],
        [("a", 2), ("b", 1), ("c", 1), ("d", 1)],
        [("b", 1), ("c", 1), ("d", 1), ("e", None)],
    ],
    "silver.t": [[("a", 1), ("b", None)], [("c", 3)], [("d", 4), ("e", 5)]],
}
STANDING = ["a", "b", "c", "d", "e"]


def _written(spark: SparkSession, lake: Lake, table: str, mode: Append | Snapshot, files: str | None) -> None:
    for day, values in zip((D1, D2, D3), DAYS[table], strict=True):
        write(lake, table, STATE, mode, rows(spark, STATE, *values), day, files=files)


def _by_log(spark: SparkSession, lake: Lake, table: str, after: int) -> list[str]:
    return sorted(r["id"] for r in lake.touched(spark, table, after, ["id"]).collect())


def _by_delta(spark: SparkSession, lake: Lake, table: str, after: int) -> list[str]:
    reader = spark.read.format("delta").option("readChangeFeed", "true")
    seen = reader.option("startingVersion", after + 1).load(lake.path(table))
    return sorted(r["id"] for r in seen.select("id").distinct().collect())


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("way", ["merged", "marked", "replaced", "added"])
def test_touched_keys_are_those_of_deltas_feed(
    spark: SparkSession, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, after: int
) -> None:
    table = "silver.t" if way == "added" else "gold.t"
    files = None if way == "merged" else storage.as_uri(tmp_path / "staged")
    mode = Append() if way == "added" else Snapshot(followed=way in ("merged", "marked"))
    if way == "merged":
        monkeypatch.setattr(Lake, "takes_files", lambda *_: False)
    _written(spark, lake, table, mode, files)
    assert _by_log(spark, lake, table, after) == _by_delta(spark, lake, table, after)


def test_added_rows_are_told_once_also_after_the_table_was_compacted(spark: SparkSession, lake: Lake) -> None:
    _written(spark, lake, "silver.t", Append(), None)
    DeltaTable.forPath(spark, lake.path("silver.t")).optimize().executeCompaction()
    DeltaTable.forPath(spark, lake.path("silver.t")).vacuum(1000)
    new = lake.changes(spark, "silver.t", 0)
    assert sorted(map(tuple, new.collect())) == [("c", 3), ("d", 4), ("e", 5)]
    assert not [f for f in new.inputFiles() if DELTA_LOG in f]


def test_a_commit_that_deletes_rows_is_left_to_delta_or_told_by_its_marks(
    spark: SparkSession, lake: Lake
) -> None:
    _written(spark, lake, "silver.t", Append(), None)
    DeltaTable.forPath(spark, lake.path("silver.t")).delete(F.col("id") == "a")
    assert _by_log(spark, lake, "silver.t", 2) == ["a"]
    assert lake.changes(spark, "silver.t", 2).count() == 0
    assert _by_log(spark, lake, "silver.t", -1) == STANDING


def test_a_log_that_lost_a_commit_tells_nothing(spark: SparkSession, lake: Lake) -> None:
    _written(spark, lake, "silver.t", Append(), None)
    path = lake.path("silver.t")
    assert feed(path, 0, 2) is not None
    storage.remove(storage.join(path, DELTA_LOG, f"{1:020d}.json"))
    assert feed(path, 0, 2) is None


def test_how_much_there_is_to_read_follows_the_change(spark: SparkSession, lake: Lake) -> None:
    _written(spark, lake, "silver.t", Append(), None)
    parts = [
        lake.size(spark, "silver.t", 1),
        lake.size(spark, "silver.t", 0),
        lake.size(spark, "silver.t"),
    ]
    files = storage.local_path(lake.path("silver.t")).glob("*.parquet")
    assert lake.size(spark, "silver.t", 2) == lake.size(spark, "silver.nothing") == 0
    assert parts == sorted(parts, key=lambda size: size or 0)
    assert parts[2] == sum(file.stat().st_size for file in files)


def test_a_session_interprets_plans_of_little_alone(spark: SparkSession) -> None:
    for size, compiled in ((effort.LITTLE - 1, "false"), (effort.LITTLE, "true"), (None, "true")):
        session = spark.newSession()
        session.conf.set("spark.sql.codegen.wholeStage", "true")
        effort.fit(session, size)
        assert session.conf.get("spark.sql.codegen.wholeStage") == compiled
