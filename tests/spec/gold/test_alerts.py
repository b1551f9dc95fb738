"""Early warnings: who has which, on what evidence, since when, and how often they were right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.alerts import AlertsConf
from conf.bank import Bank, open_bank
from conf.features import FeaturesConf
from jobs.core.features import packed
from jobs.gold import alert, alert_outcome
from tests.spec.gold.frames import rows

TODAY = date(2025, 6, 30)
Given = dict[str, dict[str, float]]
Scores = Sequence[dict[str, Any]]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return open_bank("demo")


def features(spark: SparkSession, bank: Bank, given: Given, as_of: date = TODAY) -> DataFrame:
    """Features of customers on a day; what a test doesn't name is null."""
    known = bank.section("features", FeaturesConf)
    told = spark.createDataFrame([(c, as_of) for c in given], "customer_id string, as_of date")
    wide = told.withColumns({name: _value(name, given) for name in known.names})
    return packed(wide, known).withColumn("definition", F.lit("d"))


def _value(name: str, given: Given) -> Any:
    value = F.lit(None).cast("double")
    for customer, named in given.items():
        if name in named:
            value = F.when(F.col("customer_id") == customer, F.lit(float(named[name]))).otherwise(value)
    return value


def raised(
    spark: SparkSession, bank: Bank, given: Given, *related: dict[str, Any], scores: Scores = ()
) -> dict[Any, Any]:
    found = alert.build(
        features=features(spark, bank, given),
        relationship=rows(spark, "identity.relationship", *related),
        default=rows(spark, "models.default_score", *scores),
        bank=bank,
        as_of=TODAY,
    )
    return {(r["customer_id"], r["alert"]): r for r in found.collect()}


def test_a_rule_that_holds_is_an_alert_with_its_evidence_and_an_unknown_answer_is_a_no(
    spark: SparkSession, bank: Bank
) -> None:
    found = raised(
        spark,
        bank,
        {
            "late": {"days_past_due": 45, "overdue_amount": 900.0, "debt_outstanding": 5000.0},
            "a bit late": {"days_past_due": 5, "max_days_past_due_365d": 5},
            "late before": {"days_past_due": 5, "max_days_past_due_365d": 60},
            "unknown": {},
        },
    )
    assert set(found) == {("late", "overdue"), ("a bit late", "falling_behind")}
    late = found["late", "overdue"]
    assert (late["level"], late["at_stake"], late["place"], late["within_budget"]) == (
        "alarm",
        5000.0,
        1,
        True,
    )
    assert [tuple(e) for e in late["evidence"]] == [
        ("days_past_due", 45.0),
        ("overdue_amount", 900.0),
        ("debt_outstanding", 5000.0),
    ]
    assert [e["name"] for e in found["a bit late", "falling_behind"]["evidence"]] == [
        "days_past_due",
        "max_days_past_due_365d",
    ]


def test_trouble_spreads_through_relationships_either_way_but_not_through_small_shares(
    spark: SparkSession, bank: Bank
) -> None:
    owing = {"debt_outstanding": 100.0}
    found = raised(
        spark,
        bank,
        {"in default": {"days_past_due": 120}, "guaranteed": owing, "guarantor": owing, "small": owing, "child": owing},
        {"customer_id": "in default", "other_customer_id": "guaranteed", "kind": "guarantor"},
        {"customer_id": "guarantor", "other_customer_id": "in default", "kind": "guarantor"},
        {"customer_id": "small", "other_customer_id": "in default", "kind": "shareholder", "share": "0.1"},
        {"customer_id": "child", "other_customer_id": "in default", "kind": "parent"},
    )  # fmt: skip
    assert {c for c, name in found if name == "linked_default"} == {"guaranteed", "guarantor"}
    told = {e["name"]: e["value"] for e in found["guaranteed", "linked_default"]["evidence"]}
    assert told == {"linked_days_past_due": 120.0, "debt_outstanding": 100.0}


def test_the_budget_goes_to_those_with_most_at_stake(spark: SparkSession, tmp_path: Path) -> None:
    folder = tmp_path / "shared/alerts"
    folder.mkdir(parents=True)
    (folder / "small.yml").write_text("alerts: {overdue: {budget: 2}}\n")
    given = {
        c: {"days_past_due": 31.0, "debt_outstanding": owed} for c, owed in zip("abc", (1, 9, 5), strict=True)
    }
    found = raised(spark, open_bank("demo", (tmp_path,)), given)
    assert [(c, r["place"], r["within_budget"]) for (c, _), r in sorted(found.items())] == [
        ("a", 3, False),
        ("b", 1, True),
        ("c", 2, True),
    ]


def test_only_the_day_s_features_count(spark: SparkSession, bank: Bank) -> None:
    earlier = features(spark, bank, {"late": {"days_past_due": 45}}, date(2025, 6, 29))
    none, unscored = rows(spark, "identity.relationship"), rows(spark, "models.default_score")
    built = alert.build(features=earlier, relationship=none, default=unscored, bank=bank, as_of=TODAY)
    assert built.count() == 0


def test_a_likely_default_is_a_warning_with_the_score_as_evidence(spark: SparkSession, bank: Bank) -> None:
    def score(customer: str, chance: float, on: str = "2025-06-30") -> dict[str, Any]:
        return {"customer_id": customer, "as_of": on, "probability": chance, "percentile": 0.97}

    scores = [score("likely", 0.31), score("unlikely", 0.05), score("future", 0.9, "2025-07-31")]
    scores += [score("past", 0.9, "2025-05-31"), score("unlikely", 0.9, "2025-05-31")]
    given = {c: {"debt_outstanding": 70.0} for c in ("likely", "unlikely", "future", "past", "unscored")}
    found = raised(spark, bank, given, scores=scores)
    assert set(found) == {("likely", "default_likely")}
    warning = found["likely", "default_likely"]
    assert (warning["level"], warning["at_stake"]) == ("warning", 70.0)
    assert [tuple(e) for e in warning["evidence"]] == [
        ("default_probability", 0.31),
        ("default_percentile", 0.97),
        ("debt_outstanding", 70.0),
    ]


def test_warnings_are_judged_once_their_horizon_is_over(spark: SparkSession, bank: Bank) -> None:
    past = [
        ("right", "2024-10-01", False), ("right", "2024-11-01", True),  # raised, and ended before it came true
        ("wrong", "2024-10-01", False),
        ("late already", "2024-10-01", False),
        ("too new", "2025-06-01", False),
        ("changed", "2024-01-01", False), ("changed", "2024-10-01", False),  # stood before: not raised again
    ]  # fmt: skip
    history = rows(
        spark,
        "gold.alert_history",
        *(
            {"customer_id": c, "alert": "over_indebted", "level": "warning", "within_budget": c != "wrong", "valid_from": on, "is_deleted": gone}
            for c, on, gone in past
        ),
    )  # fmt: skip
    late = {"right": "2025-01-09", "late already": "2024-09-01", "too new": "2025-06-20"}
    built = alert_outcome.build(
        history=history,
        arrears=rows(
            spark,
            "silver.arrears",
            *({"loan_id": f"l {c}", "reported_on": on, "days_past_due": 95, "known_from": on} for c, on in late.items()),
            {"loan_id": "l wrong", "reported_on": "2025-01-09", "days_past_due": 30, "known_from": "2025-01-09"},
        ),
        holding=rows(spark, "silver.holding"),
        loan=rows(spark, "silver.loan", *({"loan_id": f"l {c}", "party_id": f"p {c}"} for c in (*late, "wrong"))),
        card=rows(spark, "silver.card"),
        crosswalk=rows(spark, "identity.crosswalk", *({"party_id": f"p {c}", "customer_id": c} for c in (*late, "wrong"))),
        bank=bank,
        as_of=TODAY,
    )  # fmt: skip
    (row,) = built.collect()
    assert (row["raised"], row["too_late"], row["judged"], row["came_true"]) == (3, 1, 2, 1)
    assert (row["precision"], row["precision_within_budget"], row["lead_days"]) == (0.5, 1.0, 100.0)
    # Wilson's interval of 1 in 2, by statsmodels' proportion_confint(1, 2, method="wilson").
    assert (row["low"], row["high"]) == (pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4))


def test_a_rule_that_reads_what_is_no_feature_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "shared/alerts"
    folder.mkdir(parents=True)
    (folder / "wrong.yml").write_text("alerts: {overdue: {when: days_passt_due > 3}}\n")
    bank = open_bank("demo", (tmp_path,))
    conf = bank.section("alerts", AlertsConf)
    ((path, message),) = conf.problems(bank.section("features", FeaturesConf).names)
    assert path == ("alerts", "overdue", "when")
    assert "days_passt_due" in message
