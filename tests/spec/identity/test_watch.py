"""A day's crosswalk, pairs and events go in, its measures come out; days of measures go in, what jumped comes out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.watch import Limit, WatchConf
from jobs.identity import watch
from jobs.publish.watching import measured, refusals

DAY = date(2024, 1, 10)
FIELDS = "array<struct<field:string,level:int,weight:double>>"


def built(spark: SparkSession, bank: Any, pairs: int) -> dict[tuple[str, str], float]:
    walk = [(f"r{i}", f"C{i // 3}", "person") for i in range(9)] + [("o1", "C9", "organisation")]
    levels = [{"field": "sex", "level": int(i % 4 > 0), "weight": 1.0} for i in range(pairs)]
    scored = [("person", 0.99 if i % 10 else 0.6, None, [levels[i]]) for i in range(pairs)]
    events = [
        ("C5", "merge", DAY, "C1", 4), ("C6", "merge", DAY, "C1", 2), ("C2", "birth", DAY, None, 3),
        ("C3", "birth", DAY, None, 1), ("C7", "merge", date(2024, 1, 9), "C1", 9),
    ]  # fmt: skip
    found = watch.build(
        spark.createDataFrame(walk, "party_id string, customer_id string, kind string"),
        spark.createDataFrame(scored, f"kind string, probability double, certain string, fields {FIELDS}"),
        spark.createDataFrame(events, "customer_id string, kind string, on date, other_customer_id string, records int"),
        bank=bank, as_of=DAY, spark=spark,
    )  # fmt: skip
    assert found.columns == watch.SCHEMA.names
    return {(row["measure"], row["item"]): row["value"] for row in found.collect()}


def test_sizes_shares_drift_and_the_newest_customers(spark: SparkSession, bank: Any) -> None:
    found = built(spark, bank, 400)
    assert found["records_person", ""] == 9
    assert found["customers_person", ""] == 3
    assert found["largest_person", ""] == 3
    assert found["size_3_4_person", ""] == 3
    assert found["size_1_organisation", ""] == 1
    assert found["grey_share_person", ""] == pytest.approx(0.1)
    assert found["expected_precision_person", ""] == pytest.approx(0.99)
    # Of the 360 that join, 280 agree in sex, where the model expects 98.5 % of matches to.
    p, m = 280.5 / 361, 0.985
    expected = (p - m) * _ln(p / m) + (m - p) * _ln((1 - p) / (1 - m))
    assert found["psi_person_sex", ""] == pytest.approx(expected, abs=0.02)
    assert (found["newly_together", "C1"], found["newly_together", "C2"]) == (6, 3)
    assert ("newly_together", "C3") not in found


def _ln(value: float) -> float:
    from math import log  # noqa: PLC0415

    return log(value)


def test_too_few_pairs_are_not_measured(spark: SparkSession, bank: Any) -> None:
    found = built(spark, bank, 20)
    assert found["pairs_person", ""] == 20
    assert not [measure for measure, _ in found if measure.startswith(("grey", "psi", "expected"))]


CONF = WatchConf(limits={"largest": Limit(ratio=2), "grey_*": Limit(change=0.05)})


def days(*largest: float) -> dict[date, dict[str, float]]:
    return {DAY + timedelta(i): {"largest": n, "grey_person": 0.1} for i, n in enumerate(largest)}


def test_a_jump_stays_one_until_it_is_accepted_or_mended() -> None:
    known = days(10, 12, 30, 31, 11)
    assert [bool(refusals(known, CONF, DAY + timedelta(i))) for i in range(5)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert refusals(known, CONF, DAY + timedelta(3)) == ["largest is 31, more than 2 times off 12"]
    accepted = CONF.model_copy(update={"accepted": DAY + timedelta(2)})
    assert [refusals(known, accepted, DAY + timedelta(i)) for i in range(4)] == [[], [], [], []]
    assert refusals(known, accepted, DAY + timedelta(4)) == ["largest is 11, more than 2 times off 31"]


def test_a_day_that_was_not_measured_is_not_judged() -> None:
    assert refusals(days(10, 30), CONF, DAY + timedelta(7)) == []
    assert refusals({}, CONF, DAY) == []


def test_the_table_is_read_back_by_day_the_largest_item_standing_for_all(spark: SparkSession) -> None:
    rows = [
        (DAY, "a", "", 1.0),
        (DAY, "new", "C1", 3.0),
        (DAY, "new", "C2", 5.0),
        (DAY - timedelta(200), "a", "", 9.0),
    ]
    table = spark.createDataFrame(rows, "as_of date, measure string, item string, value double")
    assert measured(table, DAY) == {DAY: {"a": 1.0, "new": 5.0}}
