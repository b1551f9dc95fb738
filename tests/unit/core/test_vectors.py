"""Packed features go in; each customer's vector comes out, carried by the row or read from the file in which it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from conf.features import FeaturesConf
from jobs.core import vectors
from jobs.core.features import PACKED
from jobs.core.vectors import (
    FILE_BITS,
    PLACE,
    VECTOR,
    Matrix,
    Reader,
    Stored,
    in_reading_order,
    stored,
    with_vectors,
)

NAMES = ("age", "balance", "visits")
CONF = FeaturesConf.model_validate(
    {
        "sources": {"party": {"table": "silver.party", "entity": "party"}},
        "features": {n: {"source": "party", "aggregate": "count", "meaning": "m"} for n in NAMES},
    }
)
NAN = float("nan")
VALUES: dict[str, list[float | None]] = {
    "ann": [41.0, -0.1, 3.0],
    "bob": [None, 7.25, None],
    "cid": [19.0, 1e-6, 0.0],
    "dee": [88.0, 9e15, 1.0],
}


def table(
    spark: SparkSession, rows: dict[str, list[float | None]], names: tuple[str, ...] = NAMES
) -> DataFrame:
    """gold.feature of some customers; its definition is that of the names' order."""
    packed = [(who, list(zip(names, values, strict=True)), "/".join(names)) for who, values in rows.items()]
    return spark.createDataFrame(
        packed, f"customer_id string, features {PACKED}, definition string"
    ).coalesce(1)


def written(frame: DataFrame, folder: Path) -> DataFrame:
    frame.write.mode("append").parquet(str(folder))
    return frame.sparkSession.read.parquet(str(folder))


def read(rows: DataFrame) -> dict[str, list[float]]:
    """Each customer's vector, as the tasks of a worker get it."""
    known = stored(rows)

    def told(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        reader = Reader(known, NAMES)
        for batch in batches:
            for piece, x in reader.pieces(batch):
                made = pa.array(x.tolist(), pa.list_(pa.float64()))
                yield pa.RecordBatch.from_arrays(
                    [piece.column("customer_id"), made], names=["customer_id", "x"]
                )

    found = in_reading_order(rows.select("customer_id", known.column), known)
    return {
        r["customer_id"]: r["x"]
        for r in found.mapInArrow(told, "customer_id string, x array<double>").collect()
    }


def expected(rows: dict[str, list[float | None]] = VALUES) -> dict[str, list[float]]:
    return {who: [NAN if v is None else v for v in values] for who, values in rows.items()}


def test_a_plan_over_files_tells_places_and_any_other_plan_values(
    spark: SparkSession, tmp_path: Path
) -> None:
    made = table(spark, VALUES)
    placed, carried = with_vectors(written(made, tmp_path / "a table"), CONF), with_vectors(made, CONF)
    assert stored(placed).names == stored(carried).names == NAMES
    assert (stored(placed).column, stored(carried).column) == (PLACE, VECTOR)
    np.testing.assert_equal(read(placed), expected())
    np.testing.assert_equal(read(carried), expected())


def test_places_hold_after_a_join_that_repeats_and_drops_customers(
    spark: SparkSession, tmp_path: Path
) -> None:
    known = with_vectors(written(table(spark, VALUES), tmp_path / "t"), CONF)
    wanted = spark.createDataFrame([("cid", 2), ("ann", 1), ("cid", 1)], "customer_id string, offer int")
    np.testing.assert_equal(
        read(wanted.join(known, on="customer_id")), {w: expected()[w] for w in ("ann", "cid")}
    )


def test_a_frame_of_which_no_row_has_a_place_carries_values(spark: SparkSession, tmp_path: Path) -> None:
    files = written(table(spark, VALUES), tmp_path / "t")
    assert stored(with_vectors(files.union(files.limit(0)), CONF)).column == VECTOR


@pytest.mark.parametrize("names", [NAMES[::-1], (*NAMES[:2], "gone")], ids=["another order", "others"])
def test_rows_packed_under_another_configuration_give_their_values_by_name(
    spark: SparkSession, tmp_path: Path, names: tuple[str, ...]
) -> None:
    then: dict[str, list[float | None]] = {"eve": [1.0, 2.0, 3.0]}
    now = table(spark, VALUES)
    both = now.unionByName(table(spark, then, names)).coalesce(1)  # one file, one row group
    by_name = dict(zip(names, then["eve"], strict=True))
    told = expected() | {"eve": [by_name.get(n, NAN) for n in NAMES]}
    np.testing.assert_equal(read(with_vectors(both, CONF)), told)
    np.testing.assert_equal(read(with_vectors(written(both, tmp_path / "t"), CONF)), told)


@pytest.fixture(scope="module")
def files(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Stored, dict[str, Matrix]]:
    """Two files of several chunks, and what stands in them."""
    folder = tmp_path_factory.mktemp("files")
    rng, held = np.random.default_rng(3), {}
    for size in (40, 25):
        values = rng.normal(size=(size, len(NAMES)))
        before = set(folder.glob("*.parquet"))
        written(table(spark, {f"c{i}": row.tolist() for i, row in enumerate(values)}), folder)
        [file] = set(folder.glob("*.parquet")) - before
        held[file.name] = values
    return Stored(NAMES, tuple(f"file://{folder}/{name}" for name in sorted(held))), held


@given(picks=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 24)), max_size=30), cut=st.integers(0, 30))
def test_any_rows_in_any_order_and_batches_are_those_of_the_files(
    files: tuple[Stored, dict[str, Matrix]], picks: list[tuple[int, int]], cut: int
) -> None:
    known, held = files
    names = sorted(held)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vectors, "CHUNK", 7)
        reader = Reader(known, NAMES[::-1])
        pieces = [p for part in (picks[:cut], picks[cut:]) for p in reader.pieces(of_places(part))]
    wanted = [held[names[f]][r, ::-1] for f, r in picks]
    assert all(piece.num_rows == len(x) <= 7 for piece, x in pieces)
    assert [place for piece, _ in pieces for place in piece.column(PLACE).to_pylist()] == [
        (file << FILE_BITS) + row for file, row in picks
    ]
    got = [np.empty((0, len(NAMES))), *(x for _, x in pieces)]
    np.testing.assert_array_equal(np.concatenate(got), np.reshape(wanted, (-1, len(NAMES))))


def of_places(picks: list[tuple[int, int]]) -> pa.RecordBatch:
    places = pa.array([(file << FILE_BITS) + row for file, row in picks], pa.int64())
    return pa.RecordBatch.from_pydict({PLACE: places})


def test_rows_that_stand_one_after_another_are_not_copied(files: tuple[Stored, dict[str, Matrix]]) -> None:
    [(_, in_a_row)] = Reader(files[0], NAMES).pieces(of_places([(0, 3), (0, 4), (0, 5)]))
    [(_, with_a_gap)] = Reader(files[0], NAMES).pieces(of_places([(0, 3), (0, 5)]))
    assert not in_a_row.flags.owndata
    assert with_a_gap.flags.owndata
    np.testing.assert_array_equal(in_a_row[[0, 2]], with_a_gap)
