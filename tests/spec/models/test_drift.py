"""A day's scores and features go in, how far they moved from training comes out; scipy says what KS is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from scipy.stats import ks_2samp

from conf.bank import Bank
from jobs.core.features import PACKED
from jobs.gold import model_drift
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.drift import drift, references
from models.core.metrics import PSI_FLOOR
from models.core.reference import Reference
from models.core.steps import step, steps

DAY, ROWS = date(2025, 1, 31), 4000
RNG = np.random.default_rng(5)
BEFORE = {
    "same": RNG.normal(size=9000),
    "shifted": RNG.lognormal(6, 1, 9000),
    "count": RNG.poisson(2, 9000).astype(float),
    "constant": np.zeros(9000),
    "missing": np.where(RNG.random(9000) < 0.1, np.nan, RNG.normal(size=9000)),
    "gone": RNG.normal(size=9000),
    "score": RNG.beta(1, 9, 9000),
}
NOW = {
    "same": RNG.normal(size=ROWS),
    "shifted": RNG.lognormal(6.5, 1, ROWS),
    "count": RNG.poisson(3, ROWS).astype(float),
    "constant": np.full(ROWS, -1.0),
    "missing": np.where(RNG.random(ROWS) < 0.6, np.nan, RNG.normal(size=ROWS)),
    "gone": np.full(ROWS, np.nan),
    "score": RNG.beta(1, 9, ROWS),
}
CHAMPION = Champion(
    name="churn", version=3, as_of="2024-06-30", horizon_months=6, booster="", features=(), categories={},
    calibration=Calibration(), quantiles=(), metrics={}, reference={n: Reference.of(v) for n, v in BEFORE.items()},
)  # fmt: skip


@pytest.fixture
def watched(tmp_path: Path) -> Bank:
    folder = tmp_path / "shared" / "monitoring"
    folder.mkdir(parents=True)
    (folder / "all.yml").write_text("min_rows: 100\nsample: 2000\n")
    return Bank("toy", (tmp_path,))


def feature_rows(spark: SparkSession) -> DataFrame:
    named = [n for n in NOW if n != "score"]
    rows = [
        (f"C{i}", DAY, [(n, None if np.isnan(NOW[n][i]) else float(NOW[n][i])) for n in named])
        for i in range(ROWS)
    ]
    return spark.createDataFrame(rows, f"customer_id string, as_of date, features {PACKED}")


def score_rows(spark: SparkSession, version: int = 3) -> DataFrame:
    rows = [(f"C{i}", DAY, float(s), version) for i, s in enumerate(NOW["score"])]
    return spark.createDataFrame(rows, "customer_id string, as_of date, score double, model_version int")


def psi(reference: Reference, now: np.ndarray) -> float:
    """By the book, over the reference's bins and a bin of missing values."""
    known = steps(now[np.isfinite(now)])
    edges = np.array(reference.edges)
    cells = np.searchsorted(edges, known, "left") + np.searchsorted(edges, known, "right")
    bins = np.array(reference.bins)
    e = np.bincount(bins, weights=np.array(reference.shares) * (1 - reference.missing))
    a = np.bincount(bins[cells], minlength=len(e)) / len(now)
    e, a = np.append(e, reference.missing), np.append(a, np.isnan(now).mean())
    e, a = np.maximum(e, PSI_FLOOR), np.maximum(a, PSI_FLOOR)
    return float(((a - e) * np.log(a / e)).sum())


@pytest.fixture(scope="module")
def moved(spark: SparkSession) -> dict[str, dict[str, float]]:
    counts = None
    for name, values in NOW.items():
        found, times = np.unique(steps(values[np.isfinite(values)]), return_counts=True)
        rows: list[Any] = [("churn", name, int(s), int(n)) for s, n in zip(found, times, strict=True)]
        rows.append(("churn", name, None, int(np.isnan(values).sum())))
        frame = spark.createDataFrame(rows, "model string, subject string, step int, n bigint")
        counts = frame if counts is None else counts.unionByName(frame)
    assert counts is not None
    told = drift(counts, references({"churn": CHAMPION}, spark), 100).collect()
    return {r["subject"]: r.asDict() for r in told}


@pytest.mark.parametrize("name", ["same", "shifted", "count", "constant", "missing", "score"])
def test_ks_is_scipys_within_what_lies_between_two_edges(
    moved: dict[str, dict[str, float]], name: str
) -> None:
    before, now = (v[name][np.isfinite(v[name])] for v in (BEFORE, NOW))
    exact = ks_2samp(before, now).statistic
    assert exact - 0.021 <= moved[name]["ks"] <= exact + 0.002


@pytest.mark.parametrize("name", list(NOW))
def test_psi_is_the_sum_over_bins_with_missing_values_as_a_bin(
    moved: dict[str, dict[str, float]], name: str
) -> None:
    assert moved[name]["psi"] == pytest.approx(psi(CHAMPION.reference[name], NOW[name]), abs=1e-4)
    assert moved[name]["missing"] == pytest.approx(np.isnan(NOW[name]).mean(), abs=1e-6)


def test_what_moved_stands_out_and_what_did_not_does_not(moved: dict[str, dict[str, float]]) -> None:
    assert moved["same"]["psi"] < 0.02
    assert moved["score"]["psi"] < 0.02
    assert all(moved[n]["psi"] > 0.1 for n in ("shifted", "count", "constant", "missing", "gone"))
    assert moved["constant"]["ks"] == 1
    assert moved["gone"]["ks"] is None


def test_spark_takes_the_same_steps_as_numpy(spark: SparkSession) -> None:
    rng = np.random.default_rng(1)
    nice = np.round(rng.normal(size=3000) * 10.0 ** rng.integers(-6, 12, 3000), 6)
    halves = (rng.integers(1000, 9999, 3000) + 0.5) * 10.0 ** rng.integers(-5, 5, 3000).astype(float)
    values = np.r_[nice, halves, [0.0, -0.0, 1e-10, 1.005, 0.3, 999.5, 1e15, -1e-9]]
    frame = spark.createDataFrame([(i, float(v)) for i, v in enumerate(values)], "i int, v double")
    found = [r["s"] for r in frame.orderBy("i").select(step(F.col("v")).alias("s")).collect()]
    np.testing.assert_array_equal(found, steps(values))
    odd = spark.createDataFrame([(None,), (float("nan"),), (float("inf"),)], "v double")
    assert [r[0] for r in odd.select(step(F.col("v"))).collect()] == [None, None, None]


def test_the_table_holds_each_subject_of_todays_champion(spark: SparkSession, watched: Bank) -> None:
    nothing = score_rows(spark).limit(0)
    built = model_drift.build(
        feature_rows(spark), as_of=DAY, bank=watched, spark=spark, champions={"churn": CHAMPION},
        churn=score_rows(spark), clv=nothing, cross_sell=nothing,
    )  # fmt: skip
    assert built.columns == model_drift.SCHEMA.names
    rows = {r["subject"]: r for r in built.collect()}
    assert set(rows) == set(NOW)
    assert all(1800 < r["rows"] < 2200 for r in rows.values())  # the sample
    assert rows["same"]["psi"] < 0.05 < rows["shifted"]["psi"]
    assert {(r["model"], r["model_version"], r["as_of"]) for r in rows.values()} == {("churn", 3, DAY)}


def test_nothing_is_measured_without_a_champion_a_reference_or_scores_of_its_version(
    spark: SparkSession, watched: Bank
) -> None:
    features, scores = feature_rows(spark), score_rows(spark, version=2)
    for champions in ({}, {"churn": replace(CHAMPION, reference={})}, {"churn": CHAMPION}):
        built = model_drift.build(
            features, as_of=DAY, bank=watched, spark=spark, champions=champions,
            churn=scores, clv=scores.limit(0), cross_sell=scores.limit(0),
        )  # fmt: skip
        assert built.columns == model_drift.SCHEMA.names
        assert built.count() == 0
