"""Files that become a version of a table without Spark: what Delta reads of it afterwards, and what a crash leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from delta.tables import DeltaTable as SparkDelta
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from jobs.core import commits, storage
from jobs.core.catalog import Lake
from jobs.core.job import Append, Snapshot
from tests.delta.frames import D1, D2, D3, STATE, dated_schema, rows, stands, write

KEYED = dated_schema(("id",))
BEFORE = [(key, 1) for key in "abcdefgh"]
FOLLOWED = Snapshot(followed=True)
AFTER = [("a", 2), *((key, 1) for key in "cdefgh"), ("i", 3)]


@pytest.fixture
def staged(tmp_path: Path) -> str:
    return storage.as_uri(tmp_path / "staged here")


def _log(lake: Lake, table: str, version: int) -> list[dict[str, dict[str, object]]]:
    entry = storage.local_path(lake.path(table)) / "_delta_log" / f"{version:020}.json"
    return [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]


def test_added_files_read_as_delta_would_have_written_them(
    spark: SparkSession, lake: Lake, staged: str
) -> None:
    first = rows(spark, KEYED, ("a", 1, D1, D1, "b1", False), ("b", None, D1, D1, "b1", True))
    second = rows(spark, KEYED, ("c", 3, D2, D2, "b2", False))
    assert write(lake, "silver.t", KEYED, Append(), first, D1, files=staged)[0] == 0
    assert write(lake, "silver.t", KEYED, Append(), second, D2, files=staged)[0] == 1
    assert stands(spark, lake, "silver.t", "id", "v") == [("a", 1), ("b", None), ("c", 3)]
    assert lake.read(spark, "silver.t").schema == KEYED.spark
    assert [r["id"] for r in lake.changes(spark, "silver.t", 0).collect()] == ["c"]
    assert lake.metadata_after(spark, "silver.t", 0, "test") == (1, {"test": True})


def test_the_log_tells_the_range_of_keys_and_dates(spark: SparkSession, lake: Lake, staged: str) -> None:
    told = rows(spark, KEYED, ("a", 1, D1, D1, "b1", False), ("b", 2, D3, None, "b1", False)).coalesce(1)
    write(lake, "silver.t", KEYED, Append(), told, D1, files=staged)
    added = next(entry["add"] for entry in _log(lake, "silver.t", 0) if "add" in entry)
    assert json.loads(str(added["stats"])) == {
        "numRecords": 2,
        "minValues": {"id": "a", "valid_from": "2026-01-01", "known_from": "2026-01-01"},
        "maxValues": {"id": "b", "valid_from": "2026-01-03", "known_from": "2026-01-01"},
        "nullCount": {"id": 0, "valid_from": 0, "known_from": 1},
    }


def test_an_empty_table_is_there(spark: SparkSession, lake: Lake, staged: str) -> None:
    assert write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE), D1, files=staged)[0] == 0
    assert stands(spark, lake, "gold.t", "id", "v") == []
    assert lake.read(spark, "gold.t").schema == STATE.spark


def test_a_state_may_empty_and_fill_again(spark: SparkSession, lake: Lake, staged: str) -> None:
    for day, values in ((D1, BEFORE), (D2, []), (D3, BEFORE)):
        write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, *values), day, files=staged)
        assert stands(spark, lake, "gold.t", "id", "v") == values


@pytest.mark.parametrize("way", ["replaced", "marked", "merged by Delta"])
def test_a_state_becomes_the_same_by_files_by_marks_or_by_merging(
    spark: SparkSession, lake: Lake, staged: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    followed = way != "replaced"
    mode = Snapshot(followed=followed)
    if way == "merged by Delta":
        monkeypatch.setattr(Lake, "takes_files", lambda *_: False)
    for day, values, told in ((D1, BEFORE, (0, 0, 0)), (D2, AFTER, (1, 6, 0)), (D3, AFTER, (None, 8, 0))):
        frame = rows(spark, STATE, *values)
        assert write(lake, "gold.t", STATE, mode, frame, day, files=staged) == told
    assert stands(spark, lake, "gold.t", "id", "v") == sorted(AFTER)
    touched = {row["id"] for row in lake.touched(spark, "gold.t", 0, ["id"]).collect()}
    assert touched == ({"a", "b", "i"} if followed else set("abcdefghi"))


def test_spark_can_change_what_was_entered_and_the_reverse(
    spark: SparkSession, lake: Lake, staged: str
) -> None:
    write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, *BEFORE), D1, files=staged)
    SparkDelta.forPath(spark, lake.path("gold.t")).delete("id = 'b'")
    write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, *AFTER), D2, files=staged)
    SparkDelta.forPath(spark, lake.path("gold.t")).optimize().executeCompaction()
    assert stands(spark, lake, "gold.t", "id", "v") == sorted(AFTER)


def _told(spark: SparkSession, lake: Lake) -> list[tuple[object, ...]]:
    reader = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 1)
    return sorted(map(tuple, reader.load(lake.path("gold.t")).select("id", "v", "_change_type").collect()))


def test_marks_tell_delta_what_its_own_merge_would_have_told(
    spark: SparkSession, tmp_path: Path, staged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for way in ("marked", "merged"):
        lake = Lake(storage.as_uri(tmp_path / way))
        write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *BEFORE), D1, files=staged)
        monkeypatch.setattr(Lake, "takes_files", lambda *_, by=way: by == "marked")
        write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *AFTER), D2, files=staged)
        told.append(_told(spark, lake))
        assert lake.metadata_after(spark, "gold.t", 0, "test") == (1, {"test": True})
        monkeypatch.undo()
    assert told[0] == told[1]
    assert [kind for *_, kind in told[0]] == ["update_preimage", "update_postimage", "delete", "insert"]


def test_marked_versions_are_summed_up_and_read_on(
    spark: SparkSession, lake: Lake, staged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "CHECKPOINT_EACH", 2)
    write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *BEFORE), D1, files=staged)
    for day, values in ((D2, AFTER), (D3, BEFORE)):
        write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *values), day, files=staged)
    log = storage.local_path(lake.path("gold.t")) / "_delta_log"
    assert (log / f"{2:020}.checkpoint.parquet").exists()
    storage.remove(storage.as_uri(log / f"{0:020}.json"))
    assert stands(spark, lake, "gold.t", "id", "v") == BEFORE
    assert sorted(DeltaTable(str(log.parent)).to_pyarrow_table()["id"].to_pylist()) == [b for b, _ in BEFORE]


def test_of_two_writers_the_later_one_is_refused(
    spark: SparkSession, lake: Lake, staged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *BEFORE), D1, files=staged)
    entered = storage.write_new

    def overtaken(uri: str, data: bytes) -> None:
        SparkDelta.forPath(spark, lake.path("gold.t")).delete("id = 'a'")
        entered(uri, data)

    monkeypatch.setattr(storage, "write_new", overtaken)
    with pytest.raises(FileExistsError):
        write(lake, "gold.t", STATE, FOLLOWED, rows(spark, STATE, *AFTER), D2, files=staged)
    assert stands(spark, lake, "gold.t", "id", "v") == BEFORE[1:]


@pytest.mark.parametrize(
    ("mode", "entry"),
    [
        (Snapshot(), (DeltaTable, "create_write_transaction")),
        (Snapshot(followed=True), (storage, "write_new")),
    ],
)
def test_a_crash_before_the_entry_leaves_the_table_as_it_was(
    spark: SparkSession,
    lake: Lake,
    staged: str,
    monkeypatch: pytest.MonkeyPatch,
    mode: Snapshot,
    entry: tuple[object, str],
) -> None:
    write(lake, "gold.t", STATE, mode, rows(spark, STATE, *BEFORE), D1, files=staged)
    with monkeypatch.context() as crashing:
        crashing.setattr(*entry, _crash)
        with pytest.raises(KeyboardInterrupt):
            write(lake, "gold.t", STATE, mode, rows(spark, STATE, *AFTER), D2, files=staged)
    assert stands(spark, lake, "gold.t", "id", "v") == BEFORE
    assert write(lake, "gold.t", STATE, mode, rows(spark, STATE, *AFTER), D2, files=staged)[0] == 1
    assert stands(spark, lake, "gold.t", "id", "v") == sorted(AFTER)


def _crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
