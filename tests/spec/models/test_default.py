"""Debts, reports of arrears and card statements go in; who will be three months behind, and why, comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank, open_bank
from conf.features import FeaturesConf
from conf.labels import DefaultLabel
from conf.models import DefaultSpec, GateSpec, ModelsSpec
from jobs.core.features import FRAMES, compute_features, packed
from jobs.gold.model_outcome import LABELS
from models.core.champions import Champion
from models.core.gate import Verdict
from models.core.in_force import load
from models.core.registry import Registry
from models.core.training import train_all
from models.default import score as default_score
from models.default.features import candidates
from models.default.labels import outcomes
from models.default.train import MODEL
from tests.spec.models.book import AS_OF, empty, fill, month_ends
from tests.spec.models.conftest import FEATURES, MODELS, QUICK, bank_of, reader

DAY, NEXT = date(2024, 3, 31), date(2024, 4, 30)
SPEC = DefaultSpec(horizon_months=6, gate=GateSpec(metric="auc"))
HELD = ["customer_id", "contract_id", "kind", "account_id", "family", "role", "opened_on", "closed_on"]
STATED = ["card_id", "statement_on", "minimum_due", "paid_amount", "known_from"]
BUREAU = """
  credit_standing: {table: silver.credit_standing, entity: party, shape: versions, on: reported_on, key: [party_id]}
"""
SCORE = "  bureau_score: {source: credit_standing, aggregate: min, of: score, meaning: bureau}\n"
DEFAULT = f"""
default:
  horizon_months: 6
  snapshots: {{count: 2, every_months: 2}}
  learn: {QUICK}
  gate: {{metric: auc, min_cases: 50, min_later_cases: 20, max_calibration_error: 0.1, draws: 0}}
  score: {{tiers: {{high: 0.9, low: 0}}}}
"""


def held(spark: SparkSession, *rows: tuple[str, str, str], role: str = "owner") -> DataFrame:
    """(customer, contract, family) of contracts that began long ago."""
    told = [(c, k, f, k, f, role, date(2020, 1, 1), None) for c, k, f in rows]
    return fill(spark, "gold.customer_holding", told, HELD)


def late(spark: SparkSession, *rows: tuple[str, date, int, date | None]) -> DataFrame:
    """(loan, reported on, days past due, known from); by default known a day later."""
    told = [(loan, on, days, known or on + timedelta(days=1)) for loan, on, days, known in rows]
    return fill(spark, "silver.arrears", told, ["loan_id", "reported_on", "days_past_due", "known_from"])


def stated(spark: SparkSession, *rows: tuple[str, int, float, float]) -> DataFrame:
    """(card, month of 2024, least amount asked, paid) of statements, known on their day."""
    told = [(card, date(2024, m, 5), asked, paid, date(2024, m, 5)) for card, m, asked, paid in rows]
    return fill(spark, "silver.card_statement", told, STATED)


def frames(spark: SparkSession, holdings: DataFrame, arrears: DataFrame, statements: DataFrame | None = None) -> dict[str, DataFrame]:  # fmt: skip
    cards = empty(spark, "silver.card_statement") if statements is None else statements
    return {"customer_holding": holdings, "arrears": arrears, "card_statement": cards}


def asked(found: DataFrame) -> dict[str, tuple[int, int]]:
    rows = found.collect()
    return {r["customer_id"]: (r["past_due_now"], r["past_due_worst_12m"]) for r in rows}


def test_asked_is_of_whoever_owes_and_is_not_in_default_by_the_reports_that_stand(
    spark: SparkSession,
) -> None:
    holdings = held(
        spark, ("fine", "l0", "loan"), ("late", "l1", "loan"), ("in default", "l2", "loan"), ("cured", "l3", "loan"),
        ("two", "l4", "loan"), ("two", "l5", "loan"), ("saver", "a1", "deposit"), ("card", "c1", "card"),
    ).unionByName(held(spark, ("helper", "l1", "loan"), role="user"))  # fmt: skip
    february = date(2024, 2, 29)
    arrears = late(
        spark, ("l1", february, 40, None), ("l2", february, 95, None), ("l3", date(2023, 12, 31), 120, None),
        ("l4", february, 10, None), ("l5", february, 20, None), ("l5", date(2023, 2, 28), 80, None),
    )  # fmt: skip
    found = candidates(frames(spark, holdings, arrears), SPEC, [DAY])
    assert asked(found) == {
        "fine": (0, 0), "late": (40, 40), "cured": (0, 120), "two": (20, 20), "card": (0, 0),
    }  # fmt: skip


def test_a_card_is_late_by_thirty_days_for_each_statement_in_a_row_that_was_paid_too_little(
    spark: SparkSession,
) -> None:
    holdings = held(spark, ("paid again", "c1", "card"), ("missed two", "c2", "card"))
    statements = stated(
        spark,
        ("c1", 1, 50.0, 0.0), ("c1", 2, 50.0, 20.0), ("c1", 3, 50.0, 50.0),
        ("c2", 1, 50.0, 0.0), ("c2", 2, 50.0, 0.0), ("c2", 3, 50.0, 49.0),
    )  # fmt: skip
    found = candidates(frames(spark, holdings, late(spark), statements), SPEC, [DAY])
    assert asked(found) == {"paid again": (0, 30), "missed two": (60, 60)}


def test_in_default_is_who_is_reported_so_late_within_the_horizon_and_known_by_its_end(
    spark: SparkSession,
) -> None:
    people = ("yes", "too little", "before", "after", "known too late")
    holdings = held(spark, *((c, f"l {c}", "loan") for c in people), ("by card", "c1", "card"))
    end = date(2024, 9, 30)
    arrears = late(
        spark, ("l yes", date(2024, 8, 31), 90, None), ("l too little", date(2024, 8, 31), 89, None),
        ("l before", DAY, 200, None), ("l after", date(2024, 10, 31), 120, None), ("l known too late", end, 95, None),
    )  # fmt: skip
    statements = stated(spark, *(("c1", m, 50.0, 0.0) for m in (4, 5, 6, 7)))
    given = frames(spark, holdings, arrears, statements)
    told = outcomes(given, SPEC, candidates(given, SPEC, [DAY]), [DAY]).collect()
    assert {r["customer_id"]: r["label"] for r in told} == {
        "yes": 1.0, "too little": 0.0, "before": 0.0, "after": 0.0, "known too late": 0.0, "by card": 1.0,
    }  # fmt: skip


def test_what_happens_or_is_known_later_moves_nothing_that_is_known_at_the_date(spark: SparkSession) -> None:
    holdings = held(spark, ("ann", "l1", "loan"), ("bob", "c1", "card"))
    before = frames(spark, holdings, late(spark, ("l1", date(2024, 2, 29), 20, None)), stated(spark, ("c1", 1, 50.0, 0.0)))  # fmt: skip
    planted = late(spark, ("l1", NEXT, 500, None), ("l1", date(2024, 3, 15), 500, NEXT))
    later = fill(
        spark, "silver.card_statement",
        [("c1", date(2024, 2, 5), 50.0, 0.0, NEXT), ("c1", date(2024, 3, 5), 50.0, 0.0, NEXT), ("c1", date(2024, 4, 5), 50.0, 0.0, NEXT)],
        STATED,
    )  # fmt: skip
    more = {**before, "arrears": before["arrears"].unionByName(planted)}
    more["card_statement"] = before["card_statement"].unionByName(later)
    assert asked(candidates(before, SPEC, [DAY])) == {"ann": (20, 20), "bob": (0, 0)}
    assert asked(candidates(more, SPEC, [DAY])) == asked(candidates(before, SPEC, [DAY]))


@dataclass(frozen=True)
class Taught:
    """A book whose poorer customers fall behind, and what training on it said."""

    frames: dict[str, DataFrame]
    bank: Bank
    uri: str
    verdict: Verdict

    @property
    def champion(self) -> Champion:
        found = load("default", Registry(self.uri, self.bank.name))
        assert found is not None
        return found


def conf(tree: Path, default: str = DEFAULT) -> Bank:
    bank = bank_of(tree, MODELS + default)
    sources, features = FEATURES.split("features:\n")
    (tree / "shared/features/all.yml").write_text(f"{sources.rstrip()}{BUREAU}features:\n{features}{SCORE}")
    return bank


def falling_behind(spark: SparkSession, toy: dict[str, DataFrame]) -> dict[str, DataFrame]:
    """The toy book, with a loan for everybody; month by month the poorer third stops paying more often."""
    rng, ends = np.random.default_rng(3), month_ends()
    money = toy["silver.balance"].where("balance_on = '2023-01-31'").toArrow().to_pandas()
    money = money.sort_values("account_id", ignore_index=True)
    customers = money["account_id"].str.slice(2, 8)
    poor = money["balance"].astype(float).rank(pct=True).to_numpy() < 1 / 3
    since, reports = np.zeros(len(money), int), []
    for end in ends:
        begins = rng.random(len(money)) < np.where(poor, 0.12, 0.01)
        since = np.where((since > 0) & (rng.random(len(money)) < 0.75) | (since == 0) & begins, since + 1, 0)
        reports += [(f"l|{customers[i]}", end, int(30 * since[i] - 4), None) for i in np.flatnonzero(since)]
    loans = held(spark, *((c, f"l|{c}", "loan") for c in customers))
    holdings = toy["gold.customer_holding"].unionByName(loans)
    return {**toy, "gold.customer_holding": holdings, "silver.arrears": late(spark, *reports).persist()}


@pytest.fixture(scope="module")
def taught(
    spark: SparkSession, toy_book: dict[str, DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Taught]:
    folder = tmp_path_factory.mktemp("default")
    book, bank, uri = falling_behind(spark, toy_book), conf(folder / "conf"), f"sqlite:///{folder}/mlflow.db"
    [verdict] = train_all(spark, reader(spark, book), bank, AS_OF, uri, f"file://{folder}", names=["default"])
    yield Taught(book, bank, uri, verdict)
    book["silver.arrears"].unpersist()


def features_at(spark: SparkSession, taught: Taught) -> DataFrame:
    config = taught.bank.section("features", FeaturesConf)
    given = {name: taught.frames[table] for name, table in FRAMES.items()}
    people = taught.frames["identity.crosswalk"]
    return packed(compute_features(given, config, as_of=AS_OF, customers=people), config)


def scored(spark: SparkSession, taught: Taught, model: Champion | None) -> DataFrame:
    return default_score.build(
        features_at(spark, taught),
        taught.frames["gold.customer_holding"],
        taught.frames["silver.arrears"],
        taught.frames["silver.card_statement"],
        as_of=AS_OF,
        bank=taught.bank,
        spark=spark,
        model=model,
    )


def test_what_can_be_foretold_beats_the_clerks_ranking_and_is_scored_with_reasons(
    spark: SparkSession, taught: Taught
) -> None:
    verdict = taught.verdict
    assert verdict.promoted, str(verdict)
    assert verdict.value is not None
    assert verdict.baseline is not None
    assert verdict.value > verdict.baseline
    assert taught.champion.metrics["calibration_error"] < 0.06
    built = scored(spark, taught, taught.champion)
    assert built.columns == default_score.SCHEMA.names
    told = built.toArrow().to_pandas()
    given = {n: taught.frames[t] for n, t in MODEL.tables.items()}
    spec = taught.bank.section("models", ModelsSpec).default
    expected = {r["customer_id"] for r in candidates(given, spec, [AS_OF]).collect()}
    assert set(told["customer_id"]) == expected
    assert told["probability"].between(0, 1).all()
    top = told["percentile"] >= 0.9
    assert set(told.loc[top, "tier"]) == {"high"}
    assert all(len(r) > 0 for r in told.loc[top, "reasons"])
    in_default = taught.frames["silver.arrears"].where("reported_on = '2024-11-30' and days_past_due >= 90")
    assert not expected & {r["loan_id"].removeprefix("l|") for r in in_default.collect()}


def test_too_few_cases_are_refused_and_nobody_is_scored(
    spark: SparkSession, taught: Taught, tmp_path: Path
) -> None:
    few = {**taught.frames, "silver.arrears": taught.frames["silver.arrears"].where("days_past_due < 90")}
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    [refused] = train_all(
        spark, reader(spark, few), taught.bank, AS_OF, uri, f"file://{tmp_path}", names=["default"]
    )
    assert refused.reason == "too few cases: 0 of 50 needed"
    assert load("default", Registry(uri, taught.bank.name)) is None
    assert scored(spark, taught, None).count() == 0


def test_its_labels_read_only_what_watching_reads_and_the_shipped_configuration_is_sound() -> None:
    assert MODEL.tables.items() <= LABELS.items()
    for bank in ("demo", "berka"):
        opened = open_bank(bank)
        spec = opened.section("models", ModelsSpec).default
        assert spec.label.days_past_due == 90
        assert "bureau_score" in opened.section("features", FeaturesConf).names


@pytest.mark.parametrize("limit", [90, 200])
def test_who_is_in_default_cannot_be_asked_about(limit: int) -> None:
    given: dict[str, Any] = {"days_past_due": 90, "most_days_past_due": limit}
    with pytest.raises(ValidationError, match="must be below days_past_due, 90"):
        DefaultLabel.model_validate(given)
