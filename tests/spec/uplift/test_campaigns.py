"""Contacts and responses go in; trials come out: who was in which arm, when it was known, and who responded."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.models import ModelsSpec, UpliftSpec
from conf.uplift import UpliftLabel
from models.core.gate import Verdict
from models.uplift.campaigns import TABLES, trials
from models.uplift.train import prepare
from tests.spec.models.book import empty
from tests.spec.uplift.book import (
    AS_OF,
    STARTS,
    bank_of,
    campaigns,
    contact,
    contact_rows,
    frame_of,
    response,
    response_rows,
)

DAY = STARTS[0]  # 2023-07-08
MESSAGE = UpliftLabel(goals={"message": "channel = 'sms'", "fund": "family = 'fund'"})


def frames(spark: SparkSession, contacts: list[Any], responses: list[Any]) -> dict[str, DataFrame]:
    people = [("core|ann", "ann"), ("core|bob", "bob"), ("core|eve", "eve"), ("crm|eve", "eve")]
    return {
        "campaign": campaigns(spark)["silver.campaign"],
        "product": campaigns(spark)["silver.product"],
        "crosswalk": spark.createDataFrame(people, "party_id string, customer_id string"),
        "campaign_contact": contact_rows(spark, contacts),
        "campaign_response": response_rows(spark, responses),
    }


def found(given: dict[str, DataFrame], as_of: date = AS_OF, **label: Any) -> list[tuple[Any, ...]]:
    spec = UpliftSpec(label=MESSAGE.model_copy(update=label))
    rows = trials(given, spec, as_of).collect()
    return sorted((r["goal"], r["customer_id"], r["treated"], r["label"], r["as_of"]) for r in rows)


def test_who_responded_within_the_horizon_is_a_case_in_either_arm(spark: SparkSession) -> None:
    before = date(2023, 7, 7)
    given = frames(
        spark,
        [contact("k1", "m0", "ann", DAY, True), contact("k2", "m0", "bob", DAY, False)],
        [
            response("k1", "m0", "ann", date(2023, 8, 9)),  # a day too late
            response("k1", "m0", "ann", DAY, "opened"),  # doesn't count
            response("k2", "m0", "bob", date(2023, 8, 8)),
        ],
    )
    assert found(given, goals={"message": "channel = 'sms'"}) == [
        ("message", "ann", 1.0, 0.0, before),
        ("message", "bob", 0.0, 1.0, before),
    ]
    assert [row[0] for row in found(given)] == ["fund", "fund", "message", "message"]
    assert found(given, goals={"call": "channel = 'call'"}) == []


def test_a_customer_of_two_records_counts_once_and_in_both_arms_not_at_all(spark: SparkSession) -> None:
    twice = ("k9", "m0", "crm|eve", DAY, DAY, "treated", DAY)
    same = frames(spark, [contact("k1", "m0", "eve", DAY, True), twice], [])
    assert [row[1] for row in found(same, goals={"message": "true"})] == ["eve"]
    both = frames(spark, [contact("k1", "m0", "eve", DAY, False), twice], [])
    assert found(both) == []


def test_other_arms_and_windows_that_have_not_settled_are_left_out(spark: SparkSession) -> None:
    other = ("k3", "m0", "core|eve", DAY, None, "not_contacted", DAY)
    given = frames(spark, [contact("k1", "m0", "ann", DAY, True), other], [])
    assert {row[1] for row in found(given)} == {"ann"}
    assert {row[1] for row in found(given, control=("not_contacted",))} == {"ann", "eve"}
    assert found(given, as_of=date(2023, 8, 14)) == []
    assert len(found(given, as_of=date(2023, 8, 15))) == 2


def test_features_are_of_the_day_before_the_months_first_assignment(spark: SparkSession) -> None:
    late = date(2023, 7, 20)
    given = frames(
        spark,
        [contact("k1", "m0", "ann", DAY, True), contact("k2", "m0", "bob", late, False),
         contact("k3", "m0", "eve", date(2023, 8, 2), True)],
        [],
    )  # fmt: skip
    days = {row[1]: row[4] for row in found(given)}
    assert days == {"ann": date(2023, 7, 7), "bob": date(2023, 7, 7), "eve": date(2023, 8, 1)}


def test_too_few_responses_or_none_in_one_arm_are_refused_by_name(
    spark: SparkSession, tmp_path: Path
) -> None:
    spec = bank_of(tmp_path).section("models", ModelsSpec).uplift
    given = {n: frame_of(spark, {}, t) for n, t in TABLES.items() if n != "crosswalk"}
    given |= frames(spark, [contact("k1", "m0", "ann", DAY, True)], [])
    given["account_daily"] = empty(spark, "gold.account_daily")
    verdict = prepare(given, spec, AS_OF)
    assert isinstance(verdict, Verdict)
    assert not verdict.promoted
    assert verdict.reason == "too few cases: 0 of 100 needed (message); too few cases: 0 of 100 needed (call)"
    nothing = prepare(given, spec.model_copy(update={"label": UpliftLabel()}), AS_OF)
    assert isinstance(nothing, Verdict)
    assert "no goal is configured under uplift.label.goals" in nothing.reason


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ({"goals": {"Call": "true"}}, "lower-case"),
        ({"goals": {"call": "chanel = 'call'"}}, "reads unknown column chanel"),
        ({"rule": "1 +"}, "isn't valid Spark SQL"),
        ({"control": ()}, "name at least one"),
    ],
)
def test_what_is_configured_wrongly_is_told(label: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UpliftLabel(**label)
