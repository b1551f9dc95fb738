"""What scoring tells beyond a figure: survival by horizon, the interval of a value, offers by what they bring."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.labels import CrossSellLabel
from conf.models import ModelsSpec
from models.churn import score as churn_score
from models.churn.features import candidates as churn_candidates
from models.churn.labels import outcomes as churn_outcomes
from models.clv import score as clv_score
from models.clv.features import TABLES
from models.core.metrics import map_at_k
from models.cross_sell import score as cross_sell_score
from models.cross_sell.factorisation import liking
from tests.spec.models.book import AS_OF, HELD, fill
from tests.spec.models.conftest import Trained


@pytest.fixture(scope="module")
def churn(spark: SparkSession, trained: Trained, feature_table: DataFrame) -> dict[str, DataFrame]:
    built = churn_score.build(
        feature_table,
        trained.frames["gold.customer_holding"],
        trained.frames["gold.account_daily"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=trained.champion("churn"),
    )
    return {name: frame.persist() for name, frame in built.items()}


def test_each_horizon_has_a_probability_and_the_longest_is_the_headline(churn: dict[str, DataFrame]) -> None:
    assert churn["models.churn_survival"].columns == churn_score.CURVE.names
    rows = churn["models.churn_survival"].toArrow().to_pandas()
    by_month = rows.pivot_table(index="customer_id", columns="months", values="survival")
    assert list(by_month) == [1, 3, 6, 12, 24, 36]
    assert (by_month.diff(axis=1).iloc[:, 1:] <= 1e-12).all().all()
    assert set(rows.loc[rows["learnt"], "months"]) == {1, 3, 6}
    headline = churn["models.churn_score"].toArrow().to_pandas().set_index("customer_id")["probability"]
    np.testing.assert_array_equal(by_month[6], 1 - headline.loc[by_month.index])
    # beyond the last horizon the mean hazard of the six months goes on
    np.testing.assert_allclose(by_month[12], by_month[6] ** 2, rtol=1e-9)


def test_training_tells_each_horizon_beside_the_naive_score_and_how_early(trained: Trained) -> None:
    told = trained.champion("churn").metrics
    for months in (1, 3, 6):
        assert told[f"auc_{months}m"] > 0.6
        assert told[f"baseline_auc_{months}m"] > 0.5
        assert 0 <= told[f"baseline_calibration_error_{months}m"] < 0.1
        assert 0 <= told[f"calibration_error_{months}m"] < 0.1
    assert told["auc_6m"] == told["auc"] > told["baseline_auc_6m"] == told["baseline_auc"]
    assert 0 < told["leavers_warned"] <= 1
    assert told["lead_days_median"] > 0


def test_a_value_has_an_interval_whose_coverage_is_measured(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    model, frames = trained.champion("clv"), trained.frames
    assert model.metrics["interval_coverage"] == pytest.approx(0.9, abs=0.08)
    names = {n: t for n, t in TABLES.items() if n in ("balance", "card_statement", "loan", "product")}
    valued = clv_score.build(
        features=feature_table,
        customer_holding=frames["gold.customer_holding"],
        account_daily=frames["gold.account_daily"],
        **{name: frames[table] for name, table in names.items()},
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=model,
    )
    outside = (F.col("low") > F.col("expected_value")) | (F.col("high") < F.col("expected_value"))
    assert valued.where(outside | F.col("low").isNull()).count() == 0
    assert valued.where("high > low").count() > 500


def test_offers_are_ranked_by_what_they_bring_and_the_ineligible_are_out_before(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    offered = cross_sell_score.build(
        feature_table,
        trained.frames["gold.customer_holding"],
        trained.frames["silver.product"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=trained.champion("cross_sell"),
    )
    rows = offered.toArrow().to_pandas()
    for name in ("yearly_margin", "contact_cost", "expected_value"):
        rows[name] = rows[name].astype(float)
    brings = rows["probability"] * rows["yearly_margin"] - rows["contact_cost"]
    np.testing.assert_allclose(rows["expected_value"], brings, atol=0.006)
    ordered = rows.sort_values(["customer_id", "rank"])
    falls = ordered.groupby("customer_id")["expected_value"].diff().dropna()
    assert (falls <= 0).all()
    assert (ordered.groupby("customer_id")["rank"].first() == 1).all()
    deposits = feature_table.select("customer_id", F.inline("features")).where("name = 'deposits'")
    poor = deposits.where("value <= 3000").select("customer_id")
    assert poor.count() > 50
    insured = offered.where("product_id = 'p|IN'")
    assert insured.count() > 50
    assert insured.join(poor, on="customer_id", how="left_semi").count() == 0


def test_a_likely_trifle_stands_behind_an_unlikely_fortune(spark: SparkSession) -> None:
    label = CrossSellLabel(usual_amounts={"wealth": 100_000, "card": 0}, contact_costs={"wealth": 40})
    day = date(2024, 12, 31)
    given = [("ann", day, "p|card", "card", 0.0, 10.0, 0.5, 0.5), ("ann", day, "p|wealth", "wealth", 0.01, None, 0.05, 0.05),
             ("ann", day, "p|fund", "fund", None, None, 0.9, 0.9)]  # fmt: skip
    frame = spark.createDataFrame(
        given,
        "customer_id string, as_of date, product_id string, family string, product_margin double, product_fee double, score double, probability double",
    )
    told = {r["product_id"]: r for r in cross_sell_score.valued(frame, label).collect()}
    assert [told[p]["rank"] for p in ("p|wealth", "p|card", "p|fund")] == [1, 2, 3]
    assert [float(told[p]["expected_value"]) for p in ("p|wealth", "p|card", "p|fund")] == [10, 5, 0]


def test_training_measures_popularity_and_a_factorisation_beside_ours(trained: Trained) -> None:
    told = trained.champion("cross_sell").metrics
    assert told["map_at_3"] > told["baseline_map_at_3"]
    for name in ("baseline", "factorisation"):
        assert 0 < told[f"{name}_map_at_3"] <= 1
        assert 0 <= told[f"{name}_captured_10"] <= 1


def test_the_factorisation_likes_what_goes_together() -> None:
    """Half hold a and b together, half c and d: who holds a alone likes b, who holds c alone likes d."""
    rows = [(f"t{i}", 1.0, 1.0, 0.0, 0.0) if i % 2 else (f"t{i}", 0.0, 0.0, 1.0, 1.0) for i in range(40)]
    asked = [("x", "a", 1.0, 0.0, 0.0, 0.0, p) for p in "bcd"] + [
        ("y", "c", 0.0, 0.0, 1.0, 0.0, p) for p in "abd"
    ]
    names = ["holds_a", "holds_b", "holds_c", "holds_d"]
    train = pa.table({"customer_id": [r[0] for r in rows], "as_of": [AS_OF] * 40} | {n: [r[j + 1] for r in rows] for j, n in enumerate(names)})  # fmt: skip
    later = pa.table({n: [r[j + 2] for r in asked] for j, n in enumerate(names)} | {"product_id": [r[6] for r in asked]})  # fmt: skip
    likes = liking(train, later)
    taken = np.array([r[6] in ("b", "d") and (r[0], r[6]) in (("x", "b"), ("y", "d")) for r in asked], float)
    assert map_at_k(np.array([0, 0, 0, 1, 1, 1]), taken, likes, 1) == 1


def test_leaving_is_told_by_horizon_and_day_and_who_comes_back_hasnt_left(
    spark: SparkSession, trained: Trained
) -> None:
    start, day = date(2020, 1, 1), date(2023, 12, 31)
    people = {"closed": date(2024, 1, 20), "emptied": None, "back again": None, "stays": None}
    rows = [(who, who, who, "p|DP", "deposit", "owner", 1.0, start, end) for who, end in people.items()]
    stated = {"emptied": (900.0, 1.0, 1.0), "back again": (900.0, 1.0, 900.0), "stays": (900.0, 900.0, 900.0)}
    on = (date(2024, 1, 31), date(2024, 3, 31), date(2024, 6, 30))
    balances = [(who, day, "closing", 1000.0, start) for who in people]
    balances += [
        (who, d, "closing", b, start) for who, each in stated.items() for d, b in zip(on, each, strict=True)
    ]
    booked = [(who, date(2023, 12, 20), "card", "debit", 1, 5.0, start, "b") for who in people]
    booked += [("stays", d, "card", "debit", 1, 5.0, start, "b") for d in on]
    frames = {
        "customer_holding": fill(spark, "gold.customer_holding", rows, HELD),
        "balance": fill(spark, "silver.balance", balances, ["account_id", "balance_on", "kind", "balance", "known_from"]),
        "account_daily": fill(
            spark, "gold.account_daily", booked,
            ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
        ),
    }  # fmt: skip
    spec = trained.bank.section("models", ModelsSpec).churn
    told = churn_outcomes(frames, spec, churn_candidates(frames, spec, [day]), [day]).collect()
    found = {r["customer_id"]: (r["_gone_1"], r["_gone_3"], r["_gone_6"], r["_gone_on"]) for r in told}
    assert found == {
        "closed": (1, 1, 1, date(2024, 1, 20)),
        "emptied": (0, 1, 1, date(2024, 3, 31)),
        "back again": (0, 0, 0, None),
        "stays": (0, 0, 0, None),
    }
    assert all(r["label"] == r["_gone_6"] for r in told)
