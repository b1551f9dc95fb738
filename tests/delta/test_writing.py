"""Write modes on real Delta: rows going in, the table that stands afterwards, and whether anything was committed."""

from __future__ import annotations

from pyspark.sql import SparkSession

from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.job import AsOf, Facts, History, Snapshot, Versions
from jobs.core.schema import column, schema
from tests.delta.frames import D1, D2, D3, STATE, dated_schema, rows, stands, write

VERSIONED = dated_schema(("id", "valid_from", "known_from"))
FACT = dated_schema(("id",))
SCORED = schema(
    column("id", "string", level=1, category="key", meaning="id"),
    column("as_of", "date", level=1, category="time", meaning="date"),
    column("v", "int", level=1, category="reference", meaning="value"),
    key=("id", "as_of"),
    personal=False,
)
LOGGED = schema(
    column("id", "string", level=1, category="key", meaning="id"),
    column("v", "int", level=1, category="reference", meaning="value"),
    column("valid_from", "date", level=1, category="time", meaning="from"),
    column("is_deleted", "boolean", level=1, category="technical", meaning="gone"),
    key=("id", "valid_from"),
    personal=False,
)

PAIR = schema(
    column("id", "string", level=1, category="key", meaning="id"),
    column("owed", "int", level=1, category="reference", meaning="value"),
    column("owned", "int", level=1, category="reference", meaning="another value"),
    key="id",
    personal=False,
)


def test_a_value_that_moves_to_the_next_column_is_a_change(spark: SparkSession, lake: Lake) -> None:
    write(lake, "gold.t", PAIR, Snapshot(), rows(spark, PAIR, ("a", 5, None), ("b", 1, 2)), D1)
    moved = rows(spark, PAIR, ("a", None, 5), ("b", 1, 2))
    assert write(lake, "gold.t", PAIR, Snapshot(), moved, D2) == (1, 1, 0)
    assert stands(spark, lake, "gold.t", "id", "owed", "owned") == [("a", None, 5), ("b", 1, 2)]


def test_a_version_equal_to_the_one_before_is_deduplicated(spark: SparkSession, lake: Lake) -> None:
    mode = Versions(("id",))
    first = rows(spark, VERSIONED, ("a", 1, D1, D1, "b1", False), ("b", 5, D1, D1, "b1", False))
    second = rows(spark, VERSIONED, ("a", 1, D2, D2, "b2", False), ("b", 6, D2, D2, "b2", False))
    assert write(lake, "silver.t", VERSIONED, mode, first, D1) == (0, 0, 0)
    assert write(lake, "silver.t", VERSIONED, mode, second, D2) == (1, 1, 0)
    assert stands(spark, lake, "silver.t", "id", "v", "valid_from") == [
        ("a", 1, D1),
        ("b", 5, D1),
        ("b", 6, D2),
    ]


def test_versions_that_all_stand_already_commit_nothing(spark: SparkSession, lake: Lake) -> None:
    mode = Versions(("id",))
    first = rows(spark, VERSIONED, ("a", 1, D1, D1, "b1", False))
    write(lake, "silver.t", VERSIONED, mode, first, D1)
    assert write(lake, "silver.t", VERSIONED, mode, first, D1) == (None, 1, 0)


def test_a_value_that_returns_is_a_version_of_its_own(spark: SparkSession, lake: Lake) -> None:
    mode = Versions(("id",))
    three = rows(
        spark,
        VERSIONED,
        ("a", 1, D1, D1, "b1", False),
        ("a", 2, D2, D2, "b2", False),
        ("a", 1, D3, D3, "b3", False),
    )
    assert write(lake, "silver.t", VERSIONED, mode, three, D3) == (0, 0, 0)


def test_the_same_fact_again_is_deduplicated_and_another_content_conflicts(
    spark: SparkSession, lake: Lake
) -> None:
    mode = Facts(on="valid_from")
    first = rows(spark, FACT, ("a", 1, D1, D1, "b1", False), ("b", 5, D1, D1, "b1", False))
    again = rows(
        spark,
        FACT,
        ("a", 1, D1, D2, "b2", False),
        ("b", 9, D1, D2, "b2", False),
        ("c", 7, D1, D2, "b2", False),
    )
    write(lake, "silver.t", FACT, mode, first, D1)
    assert write(lake, "silver.t", FACT, mode, again, D2) == (1, 1, 1)
    assert stands(spark, lake, "silver.t", "id", "v") == [("a", 1), ("b", 5), ("c", 7)]


def test_a_fact_twice_in_one_delivery_stays_once(spark: SparkSession, lake: Lake) -> None:
    twice = rows(spark, FACT, ("a", 1, D1, D1, "b1", False), ("a", 1, D1, D1, "b1", False))
    assert write(lake, "silver.t", FACT, Facts(on="valid_from"), twice, D1) == (0, 1, 0)
    assert stands(spark, lake, "silver.t", "id") == [("a",)]


def test_a_snapshot_commits_only_what_differs(spark: SparkSession, lake: Lake) -> None:
    before = rows(spark, STATE, ("a", 1), ("b", 2), ("c", 3))
    after = rows(spark, STATE, ("a", 1), ("b", 9), ("d", None))
    assert write(lake, "gold.t", STATE, Snapshot(), before, D1) == (0, 0, 0)
    assert write(lake, "gold.t", STATE, Snapshot(), before, D2) == (None, 3, 0)
    assert write(lake, "gold.t", STATE, Snapshot(), after, D2) == (1, 1, 0)
    assert stands(spark, lake, "gold.t", "id", "v") == [("a", 1), ("b", 9), ("d", None)]


def test_a_few_changes_of_a_state_are_merged_and_the_rest_is_left_alone(
    spark: SparkSession, lake: Lake
) -> None:
    before = [(key, 1) for key in "abcdefgh"]
    write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, *before), D1)
    after = [("a", 2), *((key, 1) for key in "cdefgh"), ("i", 3)]
    assert write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, *after), D2) == (1, 6, 0)
    assert stands(spark, lake, "gold.t", "id", "v") == sorted(after)
    touched = lake.touched(spark, "gold.t", 0, ["id"]).collect()
    assert {row["id"] for row in touched} == {"a", "b", "i"}


def test_rows_of_a_date_replace_those_of_that_date_alone(spark: SparkSession, lake: Lake) -> None:
    write(lake, "gold.t", SCORED, AsOf(), rows(spark, SCORED, ("a", D1, 1)), D1)
    write(lake, "gold.t", SCORED, AsOf(), rows(spark, SCORED, ("a", D2, 2), ("b", D2, 2)), D2)
    assert write(lake, "gold.t", SCORED, AsOf(), rows(spark, SCORED, ("a", D2, 3)), D2)[0] == 2
    assert stands(spark, lake, "gold.t", "id", "as_of", "v") == [("a", D1, 1), ("a", D2, 3)]


def test_the_same_rows_of_a_date_commit_nothing(spark: SparkSession, lake: Lake) -> None:
    frame = rows(spark, SCORED, ("a", D1, 1), ("b", D1, 2))
    write(lake, "gold.t", SCORED, AsOf(), frame, D1)
    assert write(lake, "gold.t", SCORED, AsOf(), frame, D1)[0] is None


def test_a_history_logs_changes_and_closes_what_is_gone(spark: SparkSession, lake: Lake) -> None:
    mode = History(("id",))

    def state(*values: tuple[str, int]) -> object:
        return rows(spark, LOGGED, *((k, v, None, None) for k, v in values))

    write(lake, "gold.h", LOGGED, mode, state(("a", 1), ("b", 1)), D1)  # type: ignore[arg-type]
    write(lake, "gold.h", LOGGED, mode, state(("a", 2)), D2)  # type: ignore[arg-type]
    assert write(lake, "gold.h", LOGGED, mode, state(("a", 2)), D3)[0] is None  # type: ignore[arg-type]
    assert stands(spark, lake, "gold.h", "id", "v", "valid_from", "is_deleted") == [
        ("a", 1, D1, False),
        ("a", 2, D2, False),
        ("b", 1, D1, False),
        ("b", 1, D2, True),
    ]


def test_a_rebuild_of_a_log_rewrites_the_runs_own_date_alone(spark: SparkSession, lake: Lake) -> None:
    for day, *state in ((D1, ("a", 1), ("b", 1)), (D2, ("a", 2))):
        dated = [(key, value, None, None) for key, value in state]
        write(lake, "gold.h", LOGGED, History(("id",)), rows(spark, LOGGED, *dated), day)
        scores = [(key, day, value) for key, value in state]
        write(lake, "gold.s", SCORED, AsOf(), rows(spark, SCORED, *scores), day)
    for day in (D2, D3):
        logged = rows(spark, LOGGED, ("a", 5, None, None), ("b", 5, None, None))
        write(lake, "gold.h", LOGGED, History(("id",)), logged, day, rebuild=True)
        write(lake, "gold.s", SCORED, AsOf(), rows(spark, SCORED, ("a", day, 5)), day, rebuild=True)
    assert stands(spark, lake, "gold.h", "id", "v", "valid_from", "is_deleted") == [
        ("a", 1, D1, False), ("a", 5, D2, False), ("b", 1, D1, False), ("b", 5, D2, False),
    ]  # fmt: skip
    assert stands(spark, lake, "gold.s", "id", "as_of", "v") == [
        ("a", D1, 1), ("a", D2, 5), ("a", D3, 5), ("b", D1, 1),
    ]  # fmt: skip


def test_no_personal_value_stands_in_the_log(spark: SparkSession, lake: Lake) -> None:
    named = schema(
        column("id", "string", level=2, category="key", meaning="id"),
        column("name", "string", level=4, category="direct_identifier", meaning="name"),
        key="id",
        subject="id",
        restricted=True,
    )
    write(lake, "silver.n", named, Snapshot(), rows(spark, named, ("a", "Zuzana Nováková")), D1)
    log = storage.local_path(lake.path("silver.n")) / "_delta_log"
    assert b"Nov" not in b"".join(f.read_bytes() for f in log.iterdir() if f.is_file())


def test_a_table_follows_its_schema(spark: SparkSession, lake: Lake) -> None:
    """A state is written anew, a dated log gains the column; the rows of before have no value in it."""
    more = column("w", "int", level=1, category="reference", meaning="gained")
    write(lake, "gold.t", STATE, Snapshot(), rows(spark, STATE, ("a", 1)), D1)
    wider = schema(*STATE.columns, more, key="id", personal=False)
    assert write(lake, "gold.t", wider, Snapshot(), rows(spark, wider, ("a", 1, 7)), D2)[0] == 1
    assert stands(spark, lake, "gold.t", "id", "w") == [("a", 7)]
    write(lake, "gold.d", SCORED, AsOf(), rows(spark, SCORED, ("a", D1, 1)), D1)
    longer = schema(*SCORED.columns, more, key=("id", "as_of"), personal=False)
    write(lake, "gold.d", longer, AsOf(), rows(spark, longer, ("a", D2, 2, 9)), D2)
    assert stands(spark, lake, "gold.d", "id", "w") == [("a", 9), ("a", None)]
