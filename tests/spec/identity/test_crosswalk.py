from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.identity import crosswalk, event, match_pair

DAYS = [date(2024, 1, day) for day in range(1, 8)]
RECORD = (
    "record_id string, source string, kind string, since date, is_live boolean, "
    "slots array<string>, soft_slots array<string>"
)
PAIR = "record_l string, record_r string, kind string, probability double, weight double, certain string"


def records(spark: SparkSession, *rows: tuple[str, date, list[str]]) -> DataFrame:
    full: list[tuple[Any, ...]] = [
        (r, r.split("|")[0], "person", since, True, slots, []) for r, since, slots in rows
    ]
    return spark.createDataFrame(full, RECORD)


def pairs(spark: SparkSession, *rows: tuple[str, str, float]) -> DataFrame:
    return spark.createDataFrame([(a, b, "person", p, 10.0, None) for a, b, p in rows], PAIR)


def customers(bank: Any, known: DataFrame, scored: DataFrame, as_of: date) -> dict[str, str]:
    built = crosswalk.build(known, scored, bank=bank, as_of=as_of)["identity.crosswalk"]
    return {row["party_id"]: row["customer_id"] for row in built.collect()}


def test_one_row_a_record_and_the_oldest_names_the_customer(spark: SparkSession, bank: Any) -> None:
    known = records(spark, ("core|1", DAYS[1], []), ("crm|1", DAYS[0], []), ("core|2", DAYS[0], []))
    built = crosswalk.build(known, pairs(spark, ("core|1", "crm|1", 0.99)), bank=bank, as_of=DAYS[2])
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


@pytest.fixture
def logged(spark: SparkSession) -> DataFrame:
    """A is joined by B on day 3, they part on day 5; C comes on day 2 and is erased on day 6."""
    a, b, c = (f"C{name}" for name in "ABC")
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
    rows = event.build(logged, now)["identity.event"].collect()
    told = sorted(
        (r["on"].day, r["kind"], r["customer_id"], r["other_customer_id"], r["records"]) for r in rows
    )
    assert told == [
        (1, "birth", "CA", None, 1),
        (1, "birth", "CB", None, 1),
        (2, "birth", "CC", None, 1),
        (3, "merge", "CB", "CA", 1),
        (5, "return", "CB", None, 1),
        (5, "split", "CA", "CB", 1),
        (6, "retire", "CC", None, 1),
    ]
    assert len({r["event_id"] for r in rows}) == len(rows)


def test_events_of_earlier_days_never_change(spark: SparkSession, logged: DataFrame) -> None:
    now = logged.select("party_id", "customer_id").limit(0)
    whole = {tuple(r) for r in event.build(logged, now)["identity.event"].collect()}
    until = logged.where(F.col("valid_from") <= F.lit(DAYS[3]))
    assert {tuple(r) for r in event.build(until, now)["identity.event"].collect()} <= whole


def test_a_merged_id_redirects_to_the_customer_that_holds_its_oldest_record(
    spark: SparkSession, bank: Any
) -> None:
    known = records(spark, ("core|1", DAYS[0], []), ("crm|1", DAYS[1], []))
    apart = crosswalk.build(known, pairs(spark), bank=bank, as_of=DAYS[1])
    joined = crosswalk.build(known, pairs(spark, ("core|1", "crm|1", 0.99)), bank=bank, as_of=DAYS[2])
    log = apart["identity.crosswalk_history"].unionByName(
        joined["identity.crosswalk_history"].where("party_id = 'crm|1'")
    )
    rows = event.build(log, joined["identity.crosswalk"])["identity.redirect"].collect()
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
    known = match_record.build(**frames, bank=bank)
    (row,) = match_pair.build(known, bank=bank).collect()
    assert (row["record_l"], row["record_r"]) == ("cards|1", "core|1")
    assert row["certain"] == "same checked number and a compatible name"
    fields = {f["field"]: f for f in row["fields"]}
    assert fields["identifier"]["level"] == 3
    assert fields["phone"]["level"] is None
    assert fields["birth_date"]["weight"] > 10
