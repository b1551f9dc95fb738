"""A customer of the book in words: rows of its tables in, sentences and the weakest link out."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from conf.matching import MatchingConf
from jobs.identity import reasons

DAY = date(2024, 1, 1)


def pair(l: str, r: str, probability: float, certain: str | None = None, **levels: int) -> dict[str, Any]:  # noqa: E741
    fields = [{"field": f, "level": level, "weight": 5.0 if level else -3.0} for f, level in levels.items()]
    fields.append({"field": "email", "level": None, "weight": 0.0})
    return {
        "record_l": l, "record_r": r, "probability": probability, "weight": 9.0, "certain": certain, "fields": fields,
    }  # fmt: skip


def record(name: str, *slots: str) -> dict[str, Any]:
    return {"record_id": name, "since": DAY, "slots": list(slots), "soft_slots": []}


def test_the_weakest_link_and_what_hangs_on_it(bank: Any) -> None:
    rules = bank.section("matching", MatchingConf).person
    pairs = [
        pair("a", "b", 0.999, name=4, birth_date=2),
        pair("b", "c", 0.96, name=3, birth_date=0),
        pair("a", "c", 0.6, name=3, birth_date=0),
    ]
    told = reasons.why("C1", pairs, [record("a"), record("b"), record("c")], [], rules)
    assert (told["weakest"]["record_l"], told["weakest"]["record_r"]) == ("b", "c")
    assert tuple(told["weakest"]["splits_off"]) == ("c",)
    assert [link["probability"] for link in told["links"]] == [0.96, 0.999]
    assert "if it fell, c would be split off" in told["sentence"]["en"]
    assert "c 将被拆出" in told["sentence"]["zh"]
    assert "name (written alike" in told["links"][1]["sentence"]["en"]
    assert "birth_date（日期不同，-3.0）" in told["links"][0]["sentence"]["zh"]
    assert "Missing on a side, and so silent: email" in told["links"][0]["sentence"]["en"]


def test_an_exact_rule_joins_whatever_the_weights_say(bank: Any) -> None:
    rules = bank.section("matching", MatchingConf).person
    told = reasons.why(
        "C1", [pair("a", "b", 0.2, "same_number", name=0)], [record("a"), record("b")], [], rules
    )
    assert "joined by the exact rule same_number" in told["links"][0]["sentence"]["en"]
    assert told["weakest"]["certain"] == "same_number"


def test_a_stewards_word_is_a_link_of_its_own(bank: Any) -> None:
    rules = bank.section("matching", MatchingConf).person
    said = [{"record_l": "a", "record_r": "c", "decision": "must_link"}]
    told = reasons.why("C1", [pair("a", "b", 0.99, name=4)], [record(r) for r in "abc"], said, rules)
    assert [tuple(link["splits_off"]) for link in told["links"]] == [("b",), ("c",)]
    assert told["links"][1]["sentence"]["en"] == "Records a and c are joined by a steward's decision."
    assert told["links"][1]["certain"] == "steward"


def test_a_customer_of_one_record_has_no_link(bank: Any) -> None:
    rules = bank.section("matching", MatchingConf).person
    told = reasons.why("C1", [], [record("a")], [], rules)
    assert (told["weakest"], told["seam"], list(told["links"])) == (None, None, [])
    assert told["sentence"]["en"] == "Customer C1 is one record alone."


def test_only_the_customers_own_pairs_and_records_are_read(spark: SparkSession) -> None:
    walk = spark.createDataFrame(
        [("a", "C1"), ("b", "C1"), ("c", "C2")], "party_id string, customer_id string"
    )
    pairs = spark.createDataFrame(
        [("a", "b", 0.99), ("b", "c", 0.97)], "record_l string, record_r string, probability double"
    )
    known = spark.createDataFrame(
        [("b", DAY, ["x=1"], []), ("a", DAY, [], []), ("c", DAY, [], [])],
        "record_id string, since date, slots array<string>, soft_slots array<string>",
    )
    inside = reasons.pairs_inside("C1", walk, pairs).collect()
    assert [(row["record_l"], row["record_r"]) for row in inside] == [("a", "b")]
    assert [row["record_id"] for row in reasons.ages_of("C1", walk, known).collect()] == ["a", "b"]
