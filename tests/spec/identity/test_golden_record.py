from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.identity import explanation, relationship


@pytest.fixture
def customer(golden: Any) -> Any:
    """The golden tables of the one customer whose records these are."""

    def build(**tables: list[dict[str, Any]]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = golden({row["party_id"]: "C1" for row in tables["party"]}, **tables)
        return found

    return build


def test_each_attribute_goes_to_its_own_rules_winner(customer: Any) -> None:
    tables = customer(
        party=[
            {"party_id": "core|1", "sex": "M", "birth_date": date(1980, 5, 1), "annual_income": Decimal(-1), "occupation": "a"},
            {"party_id": "crm|1", "sex": "F", "birth_date": date(1981, 5, 1), "annual_income": Decimal(200), "on": date(2024, 3, 1)},
            {"party_id": "wealth|1", "sex": "M", "birth_date": date(1981, 5, 1), "annual_income": Decimal(300), "on": date(2024, 2, 1)},
        ],
        party_name=[
            {"party_id": "core|1", "full_name": "张小明"},
            {"party_id": "crm|1", "full_name": "张小名"},
        ],
    )  # fmt: skip
    (row,) = tables["golden_record"]
    assert row["sex"] == "M"
    assert row["birth_date"] == date(1981, 5, 1), "two sources against one"
    assert row["annual_income"] == 300, (
        "the most trusted that is valid, not the latest: a negative income never wins"
    )
    assert (row["records"], row["sources"]) == (3, 3)
    lineage = {r["attribute"]: r for r in tables["golden_lineage"]}
    assert (lineage["sex"]["rule"], lineage["sex"]["runner_up_party_id"]) == ("majority", "crm|1")
    assert (lineage["full_name"]["rule"], lineage["full_name"]["party_id"]) == ("trust", "core|1")
    assert (lineage["annual_income"]["rule"], lineage["annual_income"]["sources_total"]) == ("trust", 2)
    assert (lineage["occupation"]["rule"], lineage["occupation"]["runner_up_source"]) == ("only", None)
    assert tables["golden_identity"][0]["full_name"] == "张小明"


def test_a_number_that_proves_itself_states_birth_and_sex(customer: Any) -> None:
    tables = customer(
        party=[
            {"party_id": "core|1", "sex": "M", "birth_date": date(1950, 1, 1)},
            {"party_id": "crm|1", "sex": "M", "birth_date": date(1950, 1, 1)},
        ],
        identifier=[
            {"party_id": "crm|1", "scheme": "cn.ric", "value": "11010519491231002X"},
            {"party_id": "core|1", "scheme": "cn.ric", "value": "110105194912310021", "verified": True},
        ],
    )
    (row,) = tables["golden_record"]
    assert (row["birth_date"], row["sex"]) == (date(1949, 12, 31), "F")
    (person,) = tables["golden_identity"]
    assert (person["national_id"], person["id_scheme"]) == ("11010519491231002X", "cn.ric")


def test_an_address_comes_whole_from_one_record(customer: Any) -> None:
    tables = customer(
        party=[{"party_id": "core|1"}, {"party_id": "crm|1"}],
        address=[
            {
                "party_id": "core|1",
                "kind": "home",
                "city": "北京",
                "street": "建国路1号",
                "postcode": "100000",
            },
            {
                "party_id": "crm|1",
                "kind": "home",
                "city": "上海",
                "street": "南京路2号",
                "on": date(2025, 5, 1),
            },
        ],
    )
    (row,) = tables["golden_identity"]
    assert (row["city"], row["street"], row["postcode"]) == ("上海", "南京路2号", None)


def test_one_street_written_in_two_ways_outvotes_another_and_stays_in_full(customer: Any) -> None:
    tables = customer(
        party=[{"party_id": "core|1"}, {"party_id": "crm|1"}, {"party_id": "cards|1"}],
        address=[
            {"party_id": "core|1", "kind": "home", "city": "北京", "street": "建国路12-3-502"},
            {"party_id": "crm|1", "kind": "home", "city": "北京", "street": "建国路12号3栋502室"},
            {"party_id": "cards|1", "kind": "home", "city": "北京", "street": "南京路2号"},
        ],
    )
    assert tables["golden_identity"][0]["street"] == "建国路12号3栋502室"
    (lineage,) = (r for r in tables["golden_lineage"] if r["attribute"] == "address")
    assert (lineage["rule"], lineage["sources_agreeing"], lineage["runner_up_source"]) == ("vote", 2, "cards")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("建国路 12号3栋502室", "建国路12-3-502", True),
        ("建国路 12 号", "建国路12", True),
        ("建国路12号楼3单元", "建国路12号3单元", True),
        ("Kings Road 12/3", "kings road 12-3", True),
        ("元通街1号", "通街1号", False),
        ("房山路12号", "山路12号", False),
        ("建国路123号", "建国路12号3", False),
    ],
)
def test_streets_that_differ_only_in_writing_are_one(
    customer: Any, one: str, other: str, alike: bool
) -> None:
    tables = customer(
        party=[{"party_id": "core|1"}, {"party_id": "crm|1"}],
        address=[
            {"party_id": "core|1", "kind": "home", "city": "北京", "street": one},
            {"party_id": "crm|1", "kind": "home", "city": "北京", "street": other},
        ],
    )
    (lineage,) = (r for r in tables["golden_lineage"] if r["attribute"] == "address")
    assert lineage["sources_agreeing"] == (2 if alike else 1)


def test_one_street_in_two_cities_is_two(customer: Any) -> None:
    tables = customer(
        party=[{"party_id": "core|1"}, {"party_id": "crm|1"}],
        address=[
            {"party_id": "core|1", "kind": "home", "city": "北京", "street": "中山路1号", "postcode": "100000", "on": date(2016, 1, 1)},
            {"party_id": "crm|1", "kind": "home", "city": "上海", "street": "中山路1号", "on": date(2025, 1, 1)},
        ],
    )  # fmt: skip
    assert tables["golden_identity"][0]["city"] == "上海"


def test_ties_fall_to_the_lowest_record_id(customer: Any) -> None:
    tables = customer(party=[{"party_id": "core|2", "sex": "M"}, {"party_id": "core|1", "sex": "F"}])
    lineage = {r["attribute"]: r for r in tables["golden_lineage"]}
    assert (lineage["sex"]["party_id"], lineage["sex"]["rule"]) == ("core|1", "lowest record id")


def test_relationships_are_lifted_to_customers(silver: Any, spark: SparkSession) -> None:
    told = silver(
        "relationship",
        {"relationship_id": "r1", "party_id": "corporate|9", "other_party_id": "corporate|1", "kind": "shareholder", "share": None},
        {"relationship_id": "r2", "party_id": "corporate|8", "other_party_id": "corporate|1", "kind": "shareholder"},
        {"relationship_id": "r3", "party_id": "corporate|9", "other_party_id": "corporate|8", "kind": "spouse"},
    )  # fmt: skip
    owned = [("corporate|9", "CP", 0.9), ("corporate|8", "CP", 0.8), ("corporate|1", "CO", None)]
    rows = relationship.build(
        told,
        spark.createDataFrame(owned, "party_id string, customer_id string, probability double"),
        date(2024, 6, 30),
    ).collect()
    assert [(r["customer_id"], r["other_customer_id"], r["kind"], r["evidence"]) for r in rows] == [
        ("CP", "CO", "shareholder", ["r1", "r2"])
    ]
    assert rows[0]["confidence"] == 0.98  # 1 - (1 - .9)(1 - .8): either statement would do


def test_a_relationship_stands_while_it_is_in_force(silver: Any, spark: SparkSession) -> None:
    def job(id: str, **dates: date) -> dict[str, Any]:
        return {"relationship_id": id, "party_id": "corporate|9", "other_party_id": "corporate|1", "kind": "employer", **dates}  # fmt: skip

    owned = [("corporate|9", "CP", None), ("corporate|1", "CO", None)]
    crosswalk = spark.createDataFrame(owned, "party_id string, customer_id string, probability double")
    past = job("r1", starts_on=date(2019, 1, 1), ends_on=date(2023, 12, 31))
    fixed = job("r2", starts_on=date(2024, 2, 1), ends_on=date(2024, 7, 31))
    open_ = job("r3", on=date(2024, 5, 1))

    def standing(*told: dict[str, Any]) -> list[tuple[Any, ...]]:
        rows = relationship.build(silver("relationship", *told), crosswalk, date(2024, 7, 31)).collect()
        return [(r["valid_from"], r["valid_to"], r["evidence"]) for r in rows]

    assert standing(past) == []
    assert standing(past, fixed) == [(date(2024, 2, 1), date(2024, 7, 31), ["r2"])]
    assert standing(fixed, open_) == [(date(2024, 2, 1), None, ["r2", "r3"])]
    assert standing(job("r4", starts_on=date(2024, 8, 1))) == []


def test_a_customer_explains_itself(spark: SparkSession) -> None:
    walk = spark.createDataFrame(
        [("core|1", "C1", "core", date(2024, 1, 1), True, "crm|1", "probability", 0.99),
         ("crm|1", "C1", "crm", date(2024, 1, 2), True, "core|1", "probability", 0.99),
         ("crm|2", "C2", "crm", date(2024, 1, 2), True, None, "alone", None)],
        "party_id string, customer_id string, source string, since date, is_live boolean, linked_to string, "
        "linked_by string, probability double",
    )  # fmt: skip
    scored = spark.createDataFrame(
        [("core|1", "crm|1", 0.99, None, [("name", 3, 9.5), ("phone", None, 0.0)]),
         ("core|1", "crm|2", 0.6, None, [("name", 3, 9.5)])],
        "record_l string, record_r string, probability double, certain string, "
        "fields array<struct<field:string,level:int,weight:double>>",
    )  # fmt: skip
    assert [r["party_id"] for r in explanation.records_of("C1", walk).collect()] == ["core|1", "crm|1"]
    assert [tuple(r) for r in explanation.links_of("C1", walk, scored).collect()] == [
        ("core|1", "crm|1", 0.99, None, "name", 3, 9.5)
    ]
    assert [tuple(r)[2:4] for r in explanation.doubts_of("C1", walk, scored).collect()] == [("C2", 0.6)]
