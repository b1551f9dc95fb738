from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from conf.matching import MatchingConf, ReviewConf, SourceMatching
from jobs.identity import review

DAY = date(2025, 9, 1)
VALUE = "customer_id string, aum decimal(18,2), loans_outstanding decimal(18,2), card_debt decimal(18,2)"
CROSSWALK = (
    "party_id string, customer_id string, source string, kind string, since date, linked_to string, "
    "linked_by string, probability double"
)


class Conf:
    """A bank whose matching asks for more, or for less."""

    def __init__(self, bank: Bank, **limits: Any) -> None:
        conf = bank.section("matching", MatchingConf)
        self.conf = conf.model_copy(update={"review": ReviewConf(**limits)})

    def section(self, _name: str, _of: type) -> MatchingConf:
        return self.conf


def crosswalk(spark: SparkSession, *customers: str) -> DataFrame:
    """Each text is a customer's records; the first names it, each other hangs on the one before it."""
    rows = [
        (r, f"C{of[0]}", "core", "person", DAY, of[i - 1] if i else (of[1] if len(of) > 1 else None),
         "probability" if len(of) > 1 else "alone", 0.97 if len(of) > 1 else None)
        for of in customers for i, r in enumerate(of)
    ]  # fmt: skip
    return spark.createDataFrame(rows, CROSSWALK)


def asked(
    spark: SparkSession, bank: Any, known: DataFrame, pairs: dict[str, float], **more: Any
) -> list[Any]:
    scored: list[tuple[Any, ...]] = [(*pair, "person", p, 1.0, [], None) for pair, p in pairs.items()]
    born = more.get("born", {})
    records = [(r["party_id"], born.get(r["party_id"])) for r in known.collect()]
    told = [(*pair, decision, "in_force") for pair, decision in more.get("said", {}).items()]
    values = [(c, Decimal(v), Decimal(0), Decimal(1)) for c, v in more.get("values", {}).items()]
    built = review.build(
        spark.createDataFrame(
            scored,
            "record_l string, record_r string, kind string, probability double, weight double, "
            "fields array<struct<field:string,level:int,weight:double>>, certain string",
        ),
        spark.createDataFrame(records, "record_id string, birth_date date"),
        known,
        spark.createDataFrame(told, "record_l string, record_r string, decision string, status string"),
        spark.createDataFrame(values, VALUE),
        bank=bank,
    )
    assert built.columns == review.SCHEMA.names
    return built.orderBy("rank").collect()


def test_grey_pairs_are_ranked_by_what_is_at_stake(spark: SparkSession, bank: Bank) -> None:
    known = crosswalk(spark, "ab", "c", "d")
    pairs = {"ab": 0.999, "ac": 0.6, "bc": 0.7, "cd": 0.8}
    rows = asked(spark, bank, known, pairs, values={"Ca": 100, "Cd": 5000})
    assert [(r["rank"], r["code"], r["record_l"], r["record_r"], r["value"]) for r in rows] == [
        (1, "grey_zone", "c", "d", Decimal("5001.00")),
        (2, "grey_zone", "b", "c", Decimal("101.00")),
    ]
    assert (rows[1]["customer_id"], rows[1]["other_customer_id"], rows[1]["since"]) == ("Ca", "Cc", DAY)
    (only,) = asked(spark, Conf(bank, most=1), known, pairs, values={"Ca": 100, "Cd": 5000})
    assert (only["rank"], only["record_r"]) == (1, "d")


def test_what_was_answered_isnt_asked_again(spark: SparkSession, bank: Bank) -> None:
    known = crosswalk(spark, "ab", "c", "d")
    pairs = {"ac": 0.6, "cd": 0.8}
    rows = asked(spark, bank, known, pairs, said={"bc": "cannot_link", "cd": "must_link"})
    assert rows == []


def test_a_likely_pair_that_was_kept_apart_is_asked_about(spark: SparkSession, bank: Bank) -> None:
    (row,) = asked(spark, bank, crosswalk(spark, "a", "b"), {"ab": 0.99})
    assert (row["code"], row["value"]) == ("kept_apart", None)


def test_suspicious_clusters_are_asked_about_once_a_pair(spark: SparkSession, bank: Bank) -> None:
    known = crosswalk(spark, "abcd", "xyz")
    pairs = {"ab": 0.9999, "bc": 0.96, "cd": 0.9999, "xy": 0.96, "yz": 0.97, "xz": 0.98}
    (weak,) = asked(spark, bank, known, pairs)
    assert (weak["code"], weak["record_l"], weak["record_r"], weak["probability"]) == (
        "weak_bridge",
        "b",
        "c",
        0.96,
    )
    assert (weak["customer_id"], weak["other_customer_id"]) == ("Ca", None)
    born = {"x": date(1990, 1, 1), "z": date(1990, 1, 1), "y": date(1991, 1, 1)}
    rows = asked(spark, Conf(bank, oversize=4), known, pairs, born=born, said={"bc": "must_link"})
    assert [(r["code"], r["record_l"], r["record_r"]) for r in rows] == [
        ("oversize", "a", "b"),
        ("two_birth_dates", "x", "y"),
    ]


@pytest.mark.parametrize("unique", [True, False])
def test_two_records_of_a_clean_source_are_asked_about(spark: SparkSession, bank: Bank, unique: bool) -> None:
    made = Conf(bank)
    made.conf = made.conf.model_copy(update={"sources": {"core": SourceMatching(unique=unique)}})
    rows = asked(spark, made, crosswalk(spark, "ab"), {})
    assert [r["code"] for r in rows] == (["clean_source"] if unique else [])
