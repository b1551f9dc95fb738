"""Lifetime value: margin × survival × discount by family, its interval, its stage; and what must always hold of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from conf.bank import open_bank
from conf.features import FeaturesConf
from conf.lifetime import LifetimeConf
from conf.profile import ProfileConf
from jobs.core.features import packed
from jobs.gold import lifetime_value
from jobs.gold.presence import presence
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
BANK = open_bank("berka")
Values = tuple[dict[str, Row], dict[tuple[str, str], Row]]


def curve(who: str, *points: tuple[int, float], as_of: date = AS_OF) -> list[dict[str, Any]]:
    return [{"customer_id": who, "as_of": as_of, "months": m, "survival": s} for m, s in points]


def family(who: str, name: str, rate: float, cost: float = 0, **more: Any) -> dict[str, Any]:
    usual = {"contracts_open": 1, "contribution": rate}
    costs = {"cost_to_serve": cost, "cost_of_risk": 0, "owed": 0, "lost_at_default": 0}
    return {"customer_id": who, "family": name, "contribution_rate": rate, **costs, **usual, **more}


def features(spark: SparkSession, *told: dict[str, Any]) -> DataFrame:
    """gold.feature as its job packs it, with the features that the rules read; the others are null."""
    known = BANK.section("features", FeaturesConf)
    names = ", ".join(f"{n} double" for n in known.names)
    given_rows = [(t["customer_id"], AS_OF, *(t.get(n) for n in known.names)) for t in told]
    wide = spark.createDataFrame(given_rows, f"customer_id string, as_of date, {names}")
    return packed(wide, known).withColumn("definition", F.lit("d"))


def value(spark: SparkSession, **tables: list[dict[str, Any]]) -> Values:
    names = {"families": "gold.customer_value_family", "survival": "models.churn_survival",
             "clv": "models.clv_score", "cross_sell": "models.cross_sell_score",
             "default": "models.default_score"}  # fmt: skip
    frames = {name: rows(spark, table, *tables.get(name, [])) for name, table in names.items()}
    built = lifetime_value.build(
        features=features(spark, *tables.get("features", [])), bank=BANK, as_of=AS_OF, **frames
    )
    whole = {r["customer_id"]: r for r in built["gold.lifetime_value"].collect()}
    parts = {(r["customer_id"], r["family"]): r for r in built["gold.lifetime_value_family"].collect()}
    return whole, parts


def by_hand(monthly: float, survival: list[float], rate: float = 0.08) -> float:
    return float(sum(monthly * s / (1 + rate) ** (t / 12) for t, s in enumerate(survival, 1)))


def test_value_is_margin_less_cost_by_survival_and_discount_and_families_add_up(spark: SparkSession) -> None:
    whole, parts = value(
        spark,
        families=[family("ann", "deposit", 1200, 240), family("ann", "loan", 600), family("bob", "card", 120),
                  family("gone", "card", 0, contracts_open=0)],
        survival=[*curve("ann", (6, 0.9**6), (12, 0.9**12), (36, 0.9**36)),
                  *curve("ann", (12, 0.1), as_of=date(2025, 5, 31)),  # of an earlier scoring
                  *curve("ann", (12, 0.2), as_of=date(2025, 7, 31))],  # of a later one: moves nothing
    )  # fmt: skip
    stays = [0.9**t for t in range(1, 37)]
    ann = whole["ann"]
    assert float(ann["value_12m"]) == pytest.approx(by_hand(80 + 50, stays[:12]), abs=0.02)
    assert float(ann["value_36m"]) == pytest.approx(by_hand(80 + 50, stays), abs=0.02)
    assert float(parts["ann", "loan"]["value_36m"]) == pytest.approx(by_hand(50, stays), abs=0.01)
    assert ann["value_36m"] == parts["ann", "loan"]["value_36m"] + parts["ann", "deposit"]["value_36m"]
    assert ann["current_value"] == Decimal("1560.00")
    assert (ann["survival_known"], ann["value_12m_low"]) == (True, None)
    # bob was silent too long to be scored: the mean of all curves is his.
    bob = whole["bob"]
    assert (bob["survival_known"], bob["survival_12m"]) == (False, pytest.approx(0.9**12))
    assert set(whole) == {"ann", "bob"}


def test_a_forecast_sets_the_level_once_and_carries_its_interval(spark: SparkSession) -> None:
    stays = [0.8**t for t in range(1, 13)]
    forecast = {"customer_id": "ann", "as_of": AS_OF, "expected_value": 900, "low": 450, "high": 1800, "horizon_months": 12}  # fmt: skip
    whole, parts = value(
        spark,
        families=[family("ann", "deposit", 300, 60), family("ann", "fund", 100)],
        survival=curve("ann", (12, 0.8**12)),
        clv=[forecast],
    )
    monthly = 900 / sum(stays)  # the forecast has leaving in it already
    ann = whole["ann"]
    assert float(ann["value_12m"]) == pytest.approx(by_hand(monthly - 5, stays), abs=0.02)
    assert float(parts["ann", "fund"]["value_12m"]) == pytest.approx(by_hand(monthly / 4, stays), abs=0.01)
    assert float(ann["value_12m_low"]) == pytest.approx(by_hand(monthly / 2 - 5, stays), abs=0.02)
    assert float(ann["value_12m_high"]) == pytest.approx(by_hand(monthly * 2 - 5, stays), abs=0.02)


def test_potential_is_what_lies_elsewhere_and_growth_what_offers_bring(spark: SparkSession) -> None:
    offer = {"customer_id": "ann", "as_of": AS_OF, "family": "fund"}
    whole, _ = value(
        spark,
        families=[family("ann", "deposit", 100, owed=10_000), family("bob", "deposit", 100)],
        survival=[*curve("ann", (12, 0.9)), *curve("bob", (12, 0.9))],
        features=[
            {"customer_id": "ann", "bureau_debt": 50_000.0, "income_amount_90d": 0.0,
             "declared_income": 0.0, "tenure_days": 900.0},
            {"customer_id": "bob", "tenure_days": 90.0},
        ],
        cross_sell=[{**offer, "product_id": "f1", "expected_value": 12.5}, {**offer, "product_id": "f2", "expected_value": -3}],
    )  # fmt: skip
    ann, bob = whole["ann"], whole["bob"]
    assert ann["potential_value"] == Decimal("1400.00")  # 40,000 owed elsewhere at 3.5 %
    assert ann["share_of_wallet"] == pytest.approx(100 / 1500)
    assert ann["growth_value"] == Decimal("12.50")
    assert (bob["potential_value"], bob["growth_value"], bob["share_of_wallet"]) == (0, 0, 1)
    assert (ann["stage"], bob["stage"]) == ("maintenance", "acquisition")


@pytest.mark.parametrize(
    ("told", "stage"),
    [
        ({"tenure_days": 365}, "acquisition"),
        ({"survival_12m": 0.79}, "decline"),
        ({"value_trend": 0.59}, "decline"),
        ({"value_trend": 1.51}, "expansion"),
        ({"days_since_new_contract": 90}, "expansion"),
        ({}, "maintenance"),
    ],
)
def test_each_stage_begins_at_its_edge(spark: SparkSession, told: dict[str, float], stage: str) -> None:
    usual = {"tenure_days": 366, "survival_12m": 0.8, "value_trend": 1.0, "days_since_new_contract": 91}  # fmt: skip
    at = {**usual, **told}
    conf = BANK.section("profile", ProfileConf).lifetime
    frame = spark.createDataFrame([tuple(map(float, at.values()))], ", ".join(f"{n} double" for n in at))
    assert frame.select(lifetime_value._stage(conf)).collect()[0][0] == stage


def test_what_is_lost_once_isnt_lost_again(spark: SparkSession) -> None:
    whole, parts = value(
        spark,
        families=[family("ann", "loan", 0, cost_of_risk=550, owed=1000), family("bob", "loan", 0, cost_of_risk=6, owed=1000)],
        survival=[*curve("ann", (36, 1.0)), *curve("bob", (36, 1.0))],
    )  # fmt: skip
    ann, certain = whole["ann"], [1.0] * 36
    assert float(ann["value_12m"]) == pytest.approx(by_hand(-550 / 12, certain[:12]), abs=0.02)
    lost = 1000 * (1 - 0.45**3)  # of the thousand over three years
    assert float(ann["value_36m"]) == pytest.approx(by_hand(-lost / 36, certain), abs=0.02)
    assert float(ann["value_36m"]) > -1000
    assert float(whole["bob"]["value_36m"]) == pytest.approx(by_hand(-0.5, certain), rel=0.01)
    assert parts["ann", "loan"]["loss"] == Decimal("45.83")


def chance(who: str, probability: float, months: int, as_of: date = AS_OF) -> dict[str, Any]:
    return {"customer_id": who, "as_of": as_of, "probability": probability, "horizon_months": months}


def test_a_chance_of_default_loses_its_part_of_what_is_owed_and_once(spark: SparkSession) -> None:
    owing = {"cost_of_risk": 60, "owed": 10_000, "lost_at_default": 4_500}
    whole, parts = value(
        spark,
        families=[family("ann", "loan", 600, **owing), family("ann", "deposit", 1200),
                  family("bob", "loan", 600, **owing), family("cid", "card", 600, **owing | {"lost_at_default": 7_500}),
                  family("dan", "card", 600, **owing), family("dan", "deposit", 0, cost_of_risk=6, owed=1000, lost_at_default=None)],
        survival=[*(point for who in ("ann", "bob", "cid", "dan") for point in curve(who, (36, 1.0)))],
        default=[chance("ann", 0.19, 6), chance("cid", 0.1, 12), chance("dan", 0.1, 12), chance("eve", 0.9, 12),
                 chance("bob", 0.5, 12, date(2025, 7, 31)),  # of a later scoring: moves nothing
                 chance("bob", 0.5, 12, date(2025, 5, 31))],  # of an earlier one, in which bob stood no longer
    )  # fmt: skip
    certain, left = [1.0] * 36, 0.81**2  # of a year; .19 is of half a year
    ann = whole["ann"]
    first_year, three = 10_000 * 0.45 * (1 - left), 10_000 * 0.45 * (1 - left**3)
    assert float(ann["expected_loss_12m"]) == pytest.approx(by_hand(first_year / 12, certain[:12]), abs=0.02)
    assert float(ann["value_12m"]) == pytest.approx(by_hand((1800 - first_year) / 12, certain[:12]), abs=0.03)
    assert float(ann["expected_loss_36m"]) == pytest.approx(by_hand(three / 36, certain), abs=0.02)
    assert float(ann["value_36m"]) == pytest.approx(by_hand(150 - three / 36, certain), abs=0.05)
    assert float(ann["current_value"]) == pytest.approx(1800 - first_year, abs=0.01)
    assert float(parts["ann", "loan"]["loss"]) == pytest.approx(first_year / 12, abs=0.01)
    # bob has no chance at the date: days past due tell his.
    assert float(whole["bob"]["expected_loss_12m"]) == pytest.approx(by_hand(5, certain[:12]), abs=0.02)
    assert float(parts["cid", "card"]["loss"]) == pytest.approx(10_000 * 0.75 * 0.1 / 12, abs=0.01)
    assert {w: whole[w]["loss_foretold"] for w in whole} == {
        "ann": True,
        "bob": False,
        "cid": True,
        "dan": False,
    }
    told = {key: parts[key]["loss_foretold"] for key in parts}
    assert (told["ann", "loan"], told["ann", "deposit"], told["dan", "deposit"]) == (True, None, False)


@settings(max_examples=6)
@given(
    chances=st.lists(st.floats(0, 1), min_size=2, max_size=12, unique=True).map(sorted),
    months=st.sampled_from([3, 6, 12, 24]),
)
def test_who_defaults_more_likely_is_worth_less_and_nobody_loses_more_than_is_at_risk(
    spark: SparkSession, chances: list[float], months: int
) -> None:
    names = [f"c{i:02d}" for i in range(len(chances))]
    whole, _ = value(
        spark,
        families=[family(n, "loan", 600, cost_of_risk=60, owed=10_000, lost_at_default=4_500) for n in names],
        survival=[point for n in names for point in curve(n, (36, 0.7))],
        default=[chance(n, p, months) for n, p in zip(names, chances, strict=True)],
    )
    for worth, loss in (("value_12m", "expected_loss_12m"), ("value_36m", "expected_loss_36m")):
        assert all(whole[a][worth] >= whole[b][worth] for a, b in pairwise(names))
        assert all(0 <= whole[n][loss] <= 4_500 for n in names)


def test_without_a_churn_model_there_are_tables_and_no_rows(spark: SparkSession) -> None:
    assert value(spark, families=[family("ann", "deposit", 100)]) == ({}, {})


@settings(max_examples=8)
@given(
    stays=st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=30),
    rates=st.lists(st.floats(0, 0.5), min_size=2, max_size=2).map(sorted),
)
def test_presence_is_the_sum_by_month_and_worth_less_the_more_is_discounted(
    spark: SparkSession, stays: list[list[float]], rates: list[float]
) -> None:
    """Whatever the curve: survival never rises, no month counts more than one, and the closed form is the sum."""
    months = (1, 6, 12, 36)
    points = [
        (i, m, float(s))
        for i, each in enumerate(stays)
        for m, s in zip(months, np.cumprod(each), strict=True)
    ]
    curves = spark.createDataFrame(points, "who int, months int, survival double")
    cheap, dear = ({r["who"]: r for r in presence(curves, ["who"], rate).collect()} for rate in rates)
    for i, each in enumerate(stays):
        a, b = cheap[i], dear[i]
        assert 0 <= a["survival_36m"] <= a["survival_12m"] + 1e-12 <= 1 + 1e-9
        assert b["worth_12m"] <= a["worth_12m"] + 1e-9 <= a["months_12m"] + 1e-6 <= 12 + 1e-5
        assert b["worth_36m"] <= a["worth_36m"] + 1e-9
        assert a["worth_12m"] <= a["worth_36m"] + 1e-9
        monthly = by_month(months, np.cumprod(each))
        assert a["worth_36m"] == pytest.approx(by_hand(1, monthly, rates[0]), abs=1e-6)
        assert a["months_12m"] == pytest.approx(sum(monthly[:12]), abs=1e-6)


def by_month(months: tuple[int, ...], survival: np.ndarray) -> list[float]:
    """Survival at each month, with a constant hazard between the points."""
    told: list[float] = []
    for (a, b), (s, e) in zip(pairwise((0, *months)), pairwise((1.0, *survival)), strict=True):
        stays = (e / s) ** (1 / (b - a)) if s > 0 else 0.0
        told += [s * stays**n for n in range(1, b - a + 1)]
    return told


def test_a_wallet_may_read_features_and_stages_the_values_too() -> None:
    conf = LifetimeConf.model_validate(
        {
            "wallet": {"loan": "current_value", "card": "owed + a"},
            "stages": [{"stage": "decline", "when": "value_trend < nonsense"}],
        }
    )
    assert [path for path, _ in conf.problems({"a"})] == [("wallet", "loan"), ("stages", 0, "when")]
