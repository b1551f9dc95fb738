"""Scores go in and what became of their customers; calibration, AUC and lift by version and slice come out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from sklearn.metrics import roc_auc_score

from conf.bank import Bank
from conf.monitoring import MonitoringConf
from jobs.core.features import PACKED
from jobs.core.scores import SCORES
from jobs.gold import model_outcome, model_retrain
from jobs.gold.model_outcome import LABELS, matured
from models.core import metrics
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.known import trainable
from models.core.outcomes import figures, sliced
from tests.spec.models.book import empty, fill, schema_of

SCORED, DAY = date(2024, 6, 30), date(2025, 1, 2)
MODELS = """
churn:
  horizon_months: 6
  gate: {metric: auc}
  learn: {excluded: [is_woman]}
  fairness: {groups: {sex: "case is_woman when 1 then 'woman' when 0 then 'man' end"}}
clv: {horizon_months: 12, gate: {metric: spearman}, label: {margins: {deposit: 0.02}}}
cross_sell: {horizon_months: 6, gate: {metric: map_at_3}}
"""
MONITORING = "min_rows: 50\nmin_cases: 5\nslices: {value_tier: value_tier, tier: tier}\nlimits: {auc: {fall: 0.1}, age_months: {most: 24}, score_psi: {most: 0.25}}\n"
PEOPLE = 600


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    tree = tmp_path_factory.mktemp("conf")
    for section, text in (("models", MODELS), ("monitoring", MONITORING)):
        folder = tree / "shared" / section
        folder.mkdir(parents=True)
        (folder / "all.yml").write_text(text)
    return Bank("toy", (tree,))


def test_figures_are_those_of_the_rows_to_the_third_place(spark: SparkSession) -> None:
    rng = np.random.default_rng(2)
    raw = rng.beta(1, 6, 5000)
    foretold, label = raw * 0.9, (rng.random(5000) < raw).astype(float)
    rows = [
        (1, SCORED, float(r), float(f), float(y), int(i % 2))
        for i, (r, f, y) in enumerate(zip(raw, foretold, label, strict=True))
    ]
    frame = spark.createDataFrame(
        rows, "model_version int, scored_on date, score double, foretold double, label double, odd int"
    )
    parts = sliced(frame, {"odd": "case odd when 1 then 'odd' end"})
    found = {(r["attribute"], r["group_name"]): r for r in figures(parts, "probability", 50).collect()}
    assert set(found) == {("all", "all"), ("odd", "odd"), ("odd", "not stated")}
    for key, chosen in {("all", "all"): slice(None), ("odd", "odd"): slice(1, None, 2)}.items():
        row, y, s, p = found[key], label[chosen], raw[chosen], foretold[chosen]
        assert (row["rows"], row["cases"]) == (len(y), y.sum())
        assert row["auc"] == pytest.approx(roc_auc_score(y, s), abs=1e-3)
        assert row["auc_low"] < row["auc"] < row["auc_high"]
        assert row["lift_10"] == pytest.approx(metrics.lift_at(y, s), rel=0.03)
        assert row["calibration_error"] == pytest.approx(metrics.calibration_error(y, p), abs=2e-3)
        assert (row["observed"], row["foretold"]) == pytest.approx((y.mean(), p.mean()), abs=1e-6)


def test_of_values_the_error_is_that_of_the_total_and_there_is_no_auc(spark: SparkSession) -> None:
    rng = np.random.default_rng(4)
    real = rng.lognormal(5, 1, 2000)
    said = real * rng.lognormal(0, 0.3, 2000)
    rows = [
        (1, SCORED, "all", "all", float(np.arcsinh(f)), float(f), float(y))
        for f, y in zip(said, real, strict=True)
    ]
    frame = spark.createDataFrame(
        rows,
        "model_version int, scored_on date, attribute string, group_name string, score double, foretold double, label double",
    )
    [row] = figures(frame, "value", 50).collect()
    assert row["auc"] is None
    assert row["calibration_error"] == pytest.approx(abs(metrics.total_bias(real, said)), abs=1e-5)
    assert row["lift_10"] == pytest.approx(10 * metrics.top_share(real, said), rel=0.03)
    assert figures(frame, "value", 5000).count() == 0


def test_one_outcome_only_has_no_auc_and_none_positive_no_lift(spark: SparkSession) -> None:
    rows = [(1, SCORED, "all", "all", i / 100, i / 100, 0.0) for i in range(100)]
    frame = spark.createDataFrame(
        rows,
        "model_version int, scored_on date, attribute string, group_name string, score double, foretold double, label double",
    )
    [row] = figures(frame, "probability", 50).collect()
    assert (row["auc"], row["auc_low"], row["lift_10"], row["cases"]) == (None, None, None, 0)


def test_what_is_judged_are_month_ends_whose_horizon_is_over() -> None:
    assert matured(date(2025, 1, 2), 6) == [date(2024, 6, 30), date(2024, 5, 31), date(2024, 4, 30)]
    assert matured(date(2024, 12, 31), 6)[0] == date(2024, 6, 30)
    assert matured(date(2024, 12, 30), 6)[0] == date(2024, 5, 31)


def test_every_table_that_a_label_reads_is_an_input() -> None:
    read = {name: table for model in SCORES for name, table in trainable(model).tables.items()}
    assert read.items() <= LABELS.items()


def inputs(spark: SparkSession) -> dict[str, DataFrame]:
    """Six hundred customers: those with a high score close their account more often, and women as often as men."""
    rng = np.random.default_rng(7)
    chance = rng.beta(2, 5, PEOPLE)
    left = rng.random(PEOPLE) < chance
    ids = [f"C{i:03d}" for i in range(PEOPLE)]
    held = [
        (c, c, c, "p|DP", "deposit", "owner", 1.0, date(2020, 1, 1), date(2024, 9, 1) if gone else None)
        for c, gone in zip(ids, left, strict=True)
    ]
    scored = [
        (c, SCORED, float(p), float(p), "high" if p > 0.5 else "low", 6, 2)
        for c, p in zip(ids, chance, strict=True)
    ]
    scored += [
        ("merged", SCORED, 0.9, 0.9, "high", 6, 2),
        ("C000", date(2024, 6, 29), 0.9, 0.9, "high", 6, 2),
    ]
    frames = {name: empty(spark, table) for name, table in LABELS.items()}
    return {
        **frames,
        "customer_holding": fill(spark, "gold.customer_holding", held, ["customer_id", "contract_id", "account_id", "product_id", "family", "role", "share", "opened_on", "closed_on"]),
        "churn": spark.createDataFrame(scored, "customer_id string, as_of date, score double, probability double, tier string, horizon_months int, model_version int"),
        "clv": spark.createDataFrame([], "customer_id string, as_of date, score double, expected_value double, horizon_months int, model_version int"),
        "cross_sell": spark.createDataFrame([], "customer_id string, as_of date, product_id string, score double, probability double, horizon_months int, model_version int"),
        "default": spark.createDataFrame([], "customer_id string, as_of date, score double, probability double, tier string, horizon_months int, model_version int"),
        "features": spark.createDataFrame([(c, SCORED, [("is_woman", float(i % 2))]) for i, c in enumerate(ids)], f"customer_id string, as_of date, features {PACKED}"),
        "profile_history": spark.createDataFrame(
            [(c, "top" if i < 300 else "other", date(2024, 1, 1), False) for i, c in enumerate(ids)]
            + [(c, "other", date(2024, 8, 1), False) for c in ids],  # later than the score: not to be seen
            "customer_id string, value_tier string, valid_from date, is_deleted boolean",
        ),
        "redirect": spark.createDataFrame([("merged", "C000")], "old_customer_id string, customer_id string"),
        "outcome": spark.createDataFrame([], schema_of("gold.model_outcome")),
    }  # fmt: skip


def built(spark: SparkSession, bank: Bank, frames: dict[str, DataFrame], as_of: date = DAY) -> DataFrame:
    return model_outcome.build(**frames, as_of=as_of, bank=bank, spark=spark)


def test_a_scoring_is_judged_once_its_horizon_is_over_by_slices_as_they_stood_then(
    spark: SparkSession, bank: Bank
) -> None:
    frames = inputs(spark)
    assert built(spark, bank, frames, date(2024, 12, 30)).count() == 0
    judged = built(spark, bank, frames).persist()
    assert judged.columns == model_outcome.SCHEMA.names
    rows: dict[Any, Any] = {(r["attribute"], r["group_name"]): r for r in judged.collect()}
    assert set(rows) == {
        ("all", "all"), ("value_tier", "top"), ("value_tier", "other"),
        ("sex", "woman"), ("sex", "man"), ("tier", "high"), ("tier", "low"),
    }  # fmt: skip
    whole = rows["all", "all"]
    assert (whole["rows"], whole["model"], whole["model_version"]) == (PEOPLE, "churn", 2)
    assert (whole["scored_on"], whole["horizon_end"]) == (SCORED, date(2024, 12, 31))
    assert whole["auc"] > 0.6
    assert whole["observed"] == pytest.approx(whole["foretold"], abs=0.06)
    assert rows["value_tier", "top"]["rows"] == rows["sex", "woman"]["rows"] == 300
    # Judged yesterday: not again. Judged earlier today: once more, since a run's rows replace those of its date.
    assert built(spark, bank, {**frames, "outcome": judged}, date(2025, 1, 3)).count() == 0
    assert built(spark, bank, {**frames, "outcome": judged}).count() == len(rows)
    _retrained(spark, bank, judged)


def champion(auc: float, as_of: str = "2024-05-31", version: int = 2) -> Champion:
    return Champion(
        name="churn", version=version, as_of=as_of, horizon_months=6, booster="", features=(), categories={},
        calibration=Calibration(), quantiles=(), metrics={"auc": auc},
    )  # fmt: skip


def _retrained(spark: SparkSession, bank: Bank, judged: DataFrame) -> None:
    """The verdict that follows from these outcomes, from a drifted score, and from age."""
    still = spark.createDataFrame([], schema_of("gold.model_drift"))
    psi = [
        (DAY, "churn", 2, "score", 900, 0.0, 0.0, 0.3, 0.2),
        (DAY, "churn", 2, "tenure", 900, 0.0, 0.0, 0.01, 0.02),
    ]
    moved = spark.createDataFrame(psi, schema_of("gold.model_drift"))

    def verdict(drift: DataFrame, known: Champion) -> Any:
        told = model_retrain.build(
            drift=drift, outcome=judged, champions={"churn": known}, bank=bank, as_of=DAY, spark=spark
        )
        return {r["model"]: r for r in told.collect()}

    well = verdict(still, champion(0.7))
    assert (well["churn"]["is_due"], well["churn"]["reasons"]) == (False, [])
    assert (well["clv"]["is_due"], well["clv"]["reasons"]) == (True, ["no version is in force"])
    [worse] = verdict(still, champion(0.95))["churn"]["reasons"]
    assert worse.endswith("more than 0.1 below 0.95 when it was promoted")
    assert verdict(still, champion(0.95, version=3))["churn"]["reasons"] == []  # another version's outcomes
    assert verdict(moved, champion(0.7))["churn"]["reasons"] == [
        "score_psi is 0.3, above the most allowed, 0.25"
    ]
    assert verdict(still, champion(0.7, "2022-12-31"))["churn"]["reasons"] == [
        "age_months is 25, above the most allowed, 24"
    ]


def test_the_projects_own_limits_can_be_read() -> None:
    tree = Path(__file__).resolve().parents[3] / "conf"
    conf = Bank("demo", (tree,)).section("monitoring", MonitoringConf)
    assert conf.due("churn", {"score_psi": 0.1, "calibration_error": 0.04}, {}) == []
    assert conf.due("clv", {"calibration_error": 0.2}, {}) == []
    assert conf.due("churn", {"calibration_error": 0.2}, {}) != []
