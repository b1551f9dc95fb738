from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from jobs.identity import crosswalk, event, match_pair, term_frequency
from models.matching.clusters import clustered

DAYS = [date(2024, 1, day) for day in range(1, 8)]
RECORD = (
    "record_id string, source string, kind string, since date, late int, is_live boolean, "
    "slots array<string>, soft_slots array<string>"
)
PAIR = "record_l string, record_r string, kind string, probability double, weight double, certain string"


def records(spark: SparkSession, *rows: tuple[str, date, list[str]]) -> DataFrame:
    full: list[tuple[Any, ...]] = [
        (r, r.split("|")[0], "person", since, 0, True, slots, []) for r, since, slots in rows
    ]
    return spark.createDataFrame(full, RECORD)


def pairs(spark: SparkSession, *rows: tuple[str, str, float]) -> DataFrame:
    return spark.createDataFrame([(a, b, "person", p, 10.0, None) for a, b, p in rows], PAIR)


def decisions(spark: SparkSession, *rows: tuple[str, str, str]) -> DataFrame:
    return spark.createDataFrame(
        [(*row, "in_force") for row in rows],
        "record_l string, record_r string, decision string, status string",
    )


def customers(
    bank: Any, known: DataFrame, scored: DataFrame, as_of: date, *decided: tuple[str, str, str]
) -> dict[str, str]:
    told = decisions(known.sparkSession, *decided)
    built = crosswalk.build(known, scored, told, bank=bank, as_of=as_of)["identity.crosswalk"]
    return {row["party_id"]: row["customer_id"] for row in built.collect()}


def test_one_row_a_record_and_the_oldest_names_the_customer(spark: SparkSession, bank: Any) -> None:
    known = records(spark, ("core|1", DAYS[1], []), ("crm|1", DAYS[0], []), ("core|2", DAYS[0], []))
    built = crosswalk.build(
        known, pairs(spark, ("core|1", "crm|1", 0.99)), decisions(spark), bank=bank, as_of=DAYS[2]
    )
    rows = {row["party_id"]: row for row in built["identity.crosswalk"].collect()}
    oldest = spark.range(1).select(crosswalk.customer_id(F.lit("crm|1"))).first()
    assert oldest is not None
    assert rows["core|1"]["customer_id"] == rows["crm|1"]["customer_id"] == oldest[0]
    assert (rows["core|1"]["linked_to"], rows["core|1"]["linked_by"]) == ("crm|1", "probability")
    assert (rows["core|2"]["linked_by"], rows["core|2"]["linked_to"]) == ("alone", None)
    assert set(built["identity.crosswalk"].columns) == set(crosswalk.SCHEMA.names)


def test_a_chain_never_joins_two_checked_numbers(spark: SparkSession, bank: Any) -> None:
    known = records(
        spark,
        ("core|1", DAYS[0], ["resident_id=A"]),
        ("crm|1", DAYS[0], []),
        ("core|2", DAYS[0], ["resident_id=B"]),
    )
    found = customers(
        bank, known, pairs(spark, ("core|1", "crm|1", 0.99), ("core|2", "crm|1", 0.98)), DAYS[0]
    )
    assert found["core|1"] == found["crm|1"] != found["core|2"]


def test_a_merge_keeps_the_older_id_and_a_split_gives_it_back(spark: SparkSession, bank: Any) -> None:
    known = records(spark, ("core|1", DAYS[0], []), ("crm|1", DAYS[1], []))
    apart = customers(bank, known, pairs(spark), DAYS[1])
    joined = customers(bank, known, pairs(spark, ("core|1", "crm|1", 0.99)), DAYS[2])
    again = customers(bank, known, pairs(spark), DAYS[3])
    assert joined == dict.fromkeys(apart, apart["core|1"])
    assert again == apart


def test_every_build_obeys_a_stewards_decision(spark: SparkSession, bank: Any) -> None:
    known = records(
        spark, ("core|1", DAYS[0], []), ("crm|1", DAYS[1], []), ("web|1", DAYS[2], []), ("web|2", DAYS[2], [])
    )
    scored = pairs(spark, ("core|1", "crm|1", 0.99), ("crm|1", "web|1", 0.98))
    joined = customers(bank, known, scored, DAYS[3])
    found = customers(
        bank, known, scored, DAYS[3], ("core|1", "crm|1", "cannot_link"), ("core|1", "web|2", "must_link")
    )
    assert joined["core|1"] == joined["crm|1"] == joined["web|1"] == found["core|1"] == found["web|2"]
    assert found["crm|1"] == found["web|1"] != found["core|1"]


def test_components_spread_over_a_cluster_obey_the_same_decisions(spark: SparkSession, bank: Any) -> None:
    known = records(spark, ("core|1", DAYS[0], []), ("crm|1", DAYS[1], []), ("web|1", DAYS[2], []))
    scored = pairs(spark, ("core|1", "crm|1", 0.99))
    told = decisions(spark, ("core|1", "web|1", "must_link"), ("core|1", "crm|1", "cannot_link")).drop(
        "status"
    )
    rules = bank.section("matching", MatchingConf).person
    both = [
        {
            r["record_id"]: (r["first_record_id"], r["component"])
            for r in clustered(scored, known, rules, told, one_task=one).collect()
        }
        for one in (True, False)
    ]
    joined = ("core|1", "core|1")
    assert both[0] == both[1] == {"core|1": joined, "web|1": joined, "crm|1": (None, "core|1")}


def named(record: str) -> str:
    """The id of the customer whose oldest record it is."""
    return "C" + hashlib.sha256(record.encode()).hexdigest()[:16].upper()


def told(spark: SparkSession, *rows: tuple[str, str, str, date]) -> DataFrame:
    return spark.createDataFrame(
        list(rows), "record_l string, record_r string, decision string, known_from date"
    )


@pytest.fixture
def logged(spark: SparkSession) -> DataFrame:
    """A is joined by B on day 3, they part on day 5; C comes on day 2 and is erased on day 6."""
    a, b, c = (named(f"core|{record}") for record in "abc")
    rows = [
        ("core|a", a, DAYS[0], DAYS[0], False),
        ("core|b", b, DAYS[0], DAYS[0], False),
        ("core|c", c, DAYS[1], DAYS[1], False),
        ("core|b", a, DAYS[0], DAYS[2], False),
        ("core|b", b, DAYS[0], DAYS[4], False),
        ("core|c", c, DAYS[1], DAYS[5], True),
    ]
    columns = "party_id string, customer_id string, since date, valid_from date, is_deleted boolean"
    return spark.createDataFrame(rows, columns).withColumn("kind", F.lit("person"))


def test_events_are_replayed_from_the_dated_crosswalk(spark: SparkSession, logged: DataFrame) -> None:
    now = logged.where("NOT is_deleted").select("party_id", "customer_id").limit(0)
    rows = event.build(logged, now, told(spark))["identity.event"].collect()
    names: dict[Any, str | None] = {named(f"core|{record}"): record for record in "abc"} | {None: None}
    found = sorted(
        (r["on"].day, r["kind"], names[r["customer_id"]], names[r["other_customer_id"]], r["records"])
        for r in rows
    )
    assert found == [
        (1, "birth", "a", None, 1),
        (1, "birth", "b", None, 1),
        (2, "birth", "c", None, 1),
        (3, "merge", "b", "a", 1),
        (5, "return", "b", None, 1),
        (5, "split", "a", "b", 1),
        (6, "retire", "c", None, 1),
    ]
    assert len({r["event_id"] for r in rows}) == len(rows)


def test_events_of_earlier_days_never_change(spark: SparkSession, logged: DataFrame) -> None:
    now = logged.select("party_id", "customer_id").limit(0)
    whole = {tuple(r) for r in event.build(logged, now, told(spark))["identity.event"].collect()}
    until = logged.where(F.col("valid_from") <= F.lit(DAYS[3]))
    assert {tuple(r) for r in event.build(until, now, told(spark))["identity.event"].collect()} <= whole


def test_an_event_names_the_decision_that_brought_it_about(spark: SparkSession, logged: DataFrame) -> None:
    now = logged.select("party_id", "customer_id").limit(0)
    words = told(
        spark,
        ("core|a", "core|b", "must_link", DAYS[1]),
        ("core|a", "core|b", "cannot_link", DAYS[4]),
        ("core|b", "core|c", "cannot_link", DAYS[0]),
    )
    rows = event.build(logged, now, words)["identity.event"].where("kind IN ('merge', 'split')").collect()
    assert {r["kind"]: r["cause"] for r in rows} == {
        "merge": "a steward's must-link",
        "split": "a steward's cannot-link",
    }
    late = told(spark, ("core|a", "core|b", "must_link", DAYS[3]))
    rows = event.build(logged, now, late)["identity.event"].where("kind = 'merge'").collect()
    assert [r["cause"] for r in rows] == ["records found to be one"]


def test_a_merged_id_redirects_to_the_customer_that_holds_its_oldest_record(
    spark: SparkSession, bank: Any
) -> None:
    known = records(spark, ("core|1", DAYS[0], []), ("crm|1", DAYS[1], []))
    apart = crosswalk.build(known, pairs(spark), decisions(spark), bank=bank, as_of=DAYS[1])
    joined = crosswalk.build(
        known, pairs(spark, ("core|1", "crm|1", 0.99)), decisions(spark), bank=bank, as_of=DAYS[2]
    )
    log = apart["identity.crosswalk_history"].unionByName(
        joined["identity.crosswalk_history"].where("party_id = 'crm|1'")
    )
    rows = event.build(log, joined["identity.crosswalk"], told(spark))["identity.redirect"].collect()
    first = {r["party_id"]: r["customer_id"] for r in apart["identity.crosswalk"].collect()}
    assert [tuple(r) for r in rows] == [(first["crm|1"], first["core|1"])]


def test_pairs_carry_their_reasons_and_a_certain_rule(silver: Any, spark: SparkSession, bank: Any) -> None:
    from jobs.identity import match_record  # noqa: PLC0415 - the table before this one, for one test

    born = date(1949, 12, 31)
    frames = {
        "party": silver(
            "party",
            *({"party_id": p, "kind": "person", "birth_date": born} for p in ("core|1", "cards|1", "crm|1")),
        ),
        "party_name": silver(
            "party_name",
            {"party_id": "core|1", "full_name": "张小明"},
            {"party_id": "cards|1", "latin_name": "ZHANG XIAOMING"},
            {"party_id": "crm|1", "full_name": "王丽"},
        ),
        "identifier": silver(
            "identifier",
            *(
                {"party_id": p, "scheme": "cn.ric", "value": "11010519491231002X"}
                for p in ("core|1", "cards|1")
            ),
        ),
        "contact_point": silver("contact_point"),
        "address": silver("address"),
    }
    known = match_record.build(
        **frames, known=spark.createDataFrame([], match_record.SCHEMA.spark), bank=bank
    )
    names = term_frequency.build(
        frames["party"], frames["party_name"], spark.createDataFrame([], term_frequency.SCHEMA.spark),
        bank=bank, as_of=date(2024, 1, 1),
    )  # fmt: skip
    none = spark.createDataFrame([], match_pair.SCHEMA.spark)
    (row,) = match_pair.build(known, known, names, none, bank=bank, keys=None).collect()
    assert (row["record_l"], row["record_r"]) == ("cards|1", "core|1")
    assert row["certain"] == "same checked number and a compatible name"
    fields = {f["field"]: f for f in row["fields"]}
    assert fields["identifier"]["level"] == 3
    assert fields["phone"]["level"] is None
    assert fields["birth_date"]["weight"] > 10
