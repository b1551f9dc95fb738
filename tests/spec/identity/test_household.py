from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.gold import corporate_group
from jobs.gold import household as household_totals
from jobs.identity import household, relationship

PEOPLE = "customer_id string, kind string, customer_since date"
PLACES = "customer_id string, region string, city string, district string, street string, mobile string"
RELATED = "customer_id string, other_customer_id string, kind string, valid_from date"
LINKED = "party_id string, customer_id string, probability double"
NAMED = "record_id string, family string"
HOME, OTHER = ("苏", "南京市", "鼓楼区", "中山路8号1-201"), ("苏", "南京市", "鼓楼区", "中山路8号1-202")
Place = tuple[str | None, str | None, str | None, str | None]


def found(
    spark: SparkSession,
    people: Mapping[str, tuple[Place, str | None, str | None]],
    related: list[tuple[str, str, str]] | None = None,
    since: dict[str, date] | None = None,
) -> dict[str, list[Row]]:
    """Households and pairs of people given as place, mobile and family name."""
    began = since or {}
    built = household.build(
        golden_record=spark.createDataFrame(
            [(c, "person", began.get(c, date(2020, 1, 1))) for c in people], PEOPLE
        ),
        golden_identity=spark.createDataFrame(
            [(c, *p, mobile) for c, (p, mobile, _) in people.items()], PLACES
        ),
        relationship=spark.createDataFrame(
            [(a, b, k, date(2021, 5, 1)) for a, b, k in related or []], RELATED
        ),
        crosswalk=spark.createDataFrame([(f"r|{c}", c, None) for c in people], LINKED),
        match_record=spark.createDataFrame(
            [(f"r|{c}", family) for c, (_, _, family) in people.items()], NAMED
        ),
    )
    return {name: frame.orderBy("customer_id").collect() for name, frame in built.items()}


def pairs(built: dict[str, list[Row]]) -> list[tuple[str, str, list[str], float]]:
    return [tuple(r)[:4] for r in built["identity.household_link"]]


@pytest.mark.parametrize(
    ("b", "related", "evidence", "confidence"),
    [
        ((HOME, "+862", "wang"), "spouse", ["spouse"], 0.9),
        ((OTHER, "+862", "wang"), "spouse", ["spouse"], 0.9),
        ((HOME, "+862", "wang"), "parent", ["parent"], 0.9),
        ((OTHER, "+862", "wang"), "parent", None, None),
        ((HOME, "+861", "wang"), None, ["mobile"], 0.8),
        ((OTHER, "+861", "zhang"), None, None, None),
        ((HOME, None, "zhang"), None, ["family_name"], 0.7),
        ((HOME, None, "wang"), None, None, None),
        ((HOME, "+861", "zhang"), "spouse", ["spouse", "mobile", "family_name"], 0.994),
        ((HOME, "+861", "zhang"), "guarantor", ["mobile", "family_name"], 0.94),
    ],
)
def test_who_shares_a_household(
    spark: SparkSession, b: Any, related: str | None, evidence: list[str] | None, confidence: float | None
) -> None:
    """A has the address HOME, the mobile +861 and the name zhang."""
    declared = [("B", "A", related)] if related else []
    built = found(spark, {"A": (HOME, "+861", "zhang"), "B": b}, declared)
    assert pairs(built) == ([("A", "B", evidence, confidence)] if evidence else [])
    assert len(built["identity.household"]) == (2 if evidence else 0)


def test_an_address_is_compared_without_blanks_and_signs_and_without_a_number_tells_nothing(
    spark: SparkSession,
) -> None:
    written = ("苏", "南京市", "鼓楼区", "中山路 8号 1-201")
    assert pairs(found(spark, {"A": (HOME, None, "li"), "B": (written, None, "li")}))
    street = ("苏", "南京市", "鼓楼区", "中山路")
    assert not pairs(found(spark, {"A": (street, "+861", "li"), "B": (street, "+861", "li")}))


def test_an_address_of_many_is_no_household(spark: SparkSession) -> None:
    crowd = {f"C{i}": (HOME, None, "li") for i in range(household.MOST + 1)}
    assert not pairs(found(spark, crowd))
    del crowd["C0"]
    assert len(pairs(found(spark, crowd))) == household.MOST * (household.MOST - 1) // 2


def test_a_household_hangs_together_and_its_head_is_the_one_longest_with_the_bank(
    spark: SparkSession,
) -> None:
    people = {
        "A": (HOME, None, "li"),
        "B": (HOME, None, "li"),
        "C": (OTHER, None, "wu"),
        "D": (OTHER, None, "he"),
    }
    built = found(spark, people, [("B", "C", "spouse")], since={"C": date(2011, 1, 1)})
    assert [tuple(r) for r in built["identity.household"]] == [
        ("A", "C", False, 3, 0.7),
        ("B", "C", False, 3, 0.9),
        ("C", "C", True, 3, 0.9),
    ]
    assert built["identity.household_link"][1]["valid_from"] == date(2021, 5, 1)


def test_an_organisation_is_in_no_household(spark: SparkSession) -> None:
    built = household.build(
        golden_record=spark.createDataFrame([("A", "person", None), ("O", "organisation", None)], PEOPLE),
        golden_identity=spark.createDataFrame([("A", *HOME, "+861"), ("O", *HOME, "+861")], PLACES),
        relationship=spark.createDataFrame([], RELATED),
        crosswalk=spark.createDataFrame([], LINKED),
        match_record=spark.createDataFrame([], NAMED),
    )
    assert built["identity.household"].count() == 0
    assert built["identity.household"].columns == household.SCHEMA.names


def test_a_relationship_is_as_sure_as_the_records_are_their_customers(spark: SparkSession) -> None:
    stated = (
        "relationship_id string, party_id string, other_party_id string, kind string, share decimal(9,6), "
    )
    stated += (
        "starts_on date, ends_on date, valid_from date, known_from date, batch_id string, is_deleted boolean"
    )
    day = date(2024, 1, 1)
    rows = [
        ("1", "a", "b", "spouse", None, None, None, day, day, "x", False),
        ("2", "a2", "b", "spouse", None, None, None, day, day, "x", False),
        ("3", "b", "a2", "guarantor", None, None, None, day, day, "x", False),
    ]
    linked = [("a", "A", None), ("a2", "A", 0.8), ("b", "B", 0.9)]
    built = relationship.build(
        spark.createDataFrame(rows, stated), spark.createDataFrame(linked, LINKED), day
    )
    sure = {(r["customer_id"], r["kind"]): r["confidence"] for r in built.collect()}
    assert sure == {("A", "spouse"): round(1 - (1 - 0.9) * (1 - 0.72), 6), ("B", "guarantor"): 0.72}


VALUE = "customer_id string, aum decimal(18,2), deposits decimal(18,2), investments decimal(18,2), loans_outstanding decimal(18,2), card_debt decimal(18,2), contribution decimal(18,2), cost_of_risk decimal(18,2), profit decimal(18,2)"


def test_totals_of_households_and_groups(spark: SparkSession) -> None:
    amounts = [[Decimal(n * 10 + k) for k in range(8)] for n in (1, 2)]
    value = spark.createDataFrame([("A", *amounts[0]), ("B", *amounts[1])], VALUE)
    members = spark.createDataFrame(
        [("A", "H"), ("B", "H"), ("C", "H"), ("D", "I"), ("E", "I")], "customer_id string, g string"
    )
    sums = tuple(Decimal(30 + 2 * k).quantize(Decimal("0.01")) for k in range(8))
    nothing = (Decimal("0.00"),) * 8
    for module, key in ((household_totals, "household_id"), (corporate_group, "group_id")):
        built: DataFrame = module.build(members.withColumnRenamed("g", key), value)
        assert [tuple(r) for r in built.orderBy(key).collect()] == [("H", 3, 2, *sums), ("I", 2, 0, *nothing)]
        assert built.columns == module.SCHEMA.names
