from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.identity import decision


def log(spark: SparkSession, *rows: tuple[str, str, str, str, str, int]) -> DataFrame:
    """decision_id, record_l, record_r, decision, author, batch"""
    full = [
        (i, a, b, d, author, "why", datetime(2025, 9, n, tzinfo=UTC), date(2025, 9, n), n, "new")
        for i, a, b, d, author, n in rows
    ]
    return spark.createDataFrame(full, decision.SCHEMA.spark)


def test_statuses_and_contradictions_are_told_with_both_sides(spark: SparkSession) -> None:
    said = log(
        spark,
        ("1", "a", "b", "must_link", "li", 1),
        ("2", "b", "c", "must_link", "wu", 1),
        ("3", "a", "c", "cannot_link", "he", 2),
        ("4", "d", "e", "must_link", "li", 2),
        ("5", "d", "e", "withdraw", "he", 3),
    )
    built = decision.build(said)
    statuses = {r["decision_id"]: r["status"] for r in built["identity.decision"].collect()}
    assert statuses == {"1": "in_force", "2": "in_force", "3": "held_back", "4": "withdrawn", "5": "done"}
    (found,) = [r.asDict(recursive=True) for r in built["identity.contradiction"].collect()]
    path: list[dict[str, Any]] = found["path"]
    assert (found["decision_id"], found["author"], found["held_back"]) == ("3", "he", ["3"])
    assert [(p["record_l"], p["record_r"], p["author"]) for p in path] == [("a", "b", "li"), ("b", "c", "wu")]
    assert found["since"] == date(2025, 9, 2)


def test_nothing_said_is_nothing_built(spark: SparkSession) -> None:
    built = decision.build(log(spark))
    assert [frame.count() for frame in built.values()] == [0, 0]
    assert built["identity.contradiction"].columns == decision.CONTRADICTION.names


def test_judging_again_changes_nothing(spark: SparkSession) -> None:
    said = log(spark, ("1", "a", "b", "must_link", "li", 1), ("2", "a", "b", "cannot_link", "he", 2))
    once = decision.build(said)["identity.decision"]
    again = decision.build(once)["identity.decision"]
    assert sorted(map(tuple, again.collect())) == sorted(map(tuple, once.collect()))
    assert [tuple(r) for r in decision.in_force(once).collect()] == [("a", "b", "must_link")]
