"""Reading a table for a plan: the rows of one version, whatever the folder is called and however many files it has."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.core import contents, storage
from jobs.core.catalog import Lake
from jobs.core.job import Append, Snapshot
from tests.delta.frames import D1, D2, dated_schema, rows, stands, write

KEYED = dated_schema(("id",))


def _row(id: str, v: int) -> tuple[object, ...]:
    return (id, v, D1, D1, "b", False)


@pytest.mark.parametrize("folder", ["lake", "a #1 50%20 中", "a [b]*{c}"])
def test_each_version_reads_as_delta_reads_it(spark: SparkSession, tmp_path: Path, folder: str) -> None:
    lake = Lake(storage.as_uri(tmp_path / folder))
    write(lake, "t.x", KEYED, Append(), rows(spark, KEYED, _row("a", 1), _row("b", 2)), D1)
    assert sorted(r["v"] for r in lake.state(spark, "t.x").collect()) == [1, 2]
    write(lake, "t.x", KEYED, Snapshot(), rows(spark, KEYED, _row("a", 1), _row("b", 3)), D2)
    state = lake.state(spark, "t.x")
    assert state.schema == lake.read(spark, "t.x").schema
    assert sorted(tuple(r) for r in state.collect()) == stands(spark, lake, "t.x", *KEYED.names)
    assert sorted(r["v"] for r in lake.state(spark, "t.x", 0).collect()) == [1, 2]


def test_a_table_of_many_files_reads_the_same(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(storage.as_uri(tmp_path / "lake"))
    for n in range(3):
        write(lake, "t.x", KEYED, Append(), rows(spark, KEYED, _row(str(n), n)), date(2026, 1, 1 + n))
    named = lake.state(spark, "t.x")
    monkeypatch.setattr(contents, "FEW_FILES", 2)
    left = lake.state(spark, "t.x")
    assert [sorted(r["v"] for r in frame.collect()) for frame in (named, left)] == [[0, 1, 2]] * 2
