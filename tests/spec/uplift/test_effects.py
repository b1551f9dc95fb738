"""A book with campaigns goes in: an effect that is there is found, gated on later campaigns and scored; none isn't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec
from expectations.gate import load_suite
from jobs.core.features import FRAMES, compute_features_at, packed
from models.core.champions import Champion
from models.core.gate import Verdict
from models.core.in_force import load
from models.core.prepared import as_known_at
from models.core.registry import Registry
from models.core.training import train_all
from models.core.versions import card_of
from models.uplift import score
from models.uplift.result import collected
from models.uplift.train import MODEL, Ready, prepare
from tests.spec.uplift.book import (
    AS_OF,
    CUSTOMERS,
    MODELS,
    STARTS,
    bank_of,
    contact,
    contact_rows,
    frame_of,
    login_rows,
    make_book,
    response,
    response_rows,
)


@dataclass(frozen=True)
class Trained:
    """What training left behind."""

    frames: dict[str, DataFrame]
    bank: Bank
    uri: str
    verdict: Verdict

    @property
    def registry(self) -> Registry:
        return Registry(self.uri, self.bank.name)

    @property
    def champion(self) -> Champion:
        found = load("uplift", self.registry)
        assert found is not None
        return found


def reader(spark: SparkSession, frames: dict[str, DataFrame]) -> Callable[[str], DataFrame]:
    return lambda table: frame_of(spark, frames, table)


def trained(spark: SparkSession, frames: dict[str, DataFrame], bank: Bank, lake: Path) -> Trained:
    uri = f"sqlite:///{lake}/mlflow.db"
    [verdict] = train_all(
        spark, reader(spark, frames), bank, AS_OF, uri, f"file://{lake}/_models", names=["uplift"]
    )
    return Trained(frames, bank, uri, verdict)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return bank_of(tmp_path_factory.mktemp("conf"))


@pytest.fixture(scope="module")
def book(spark: SparkSession) -> dict[str, DataFrame]:
    return {name: frame.persist() for name, frame in make_book(spark, moved=0.35).items()}


@pytest.fixture(scope="module")
def told(
    spark: SparkSession, book: dict[str, DataFrame], bank: Bank, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    return trained(spark, book, bank, tmp_path_factory.mktemp("lake"))


def features(spark: SparkSession, told: Trained, as_of: date) -> DataFrame:
    """gold.feature of a date, as its job makes it."""
    config = told.bank.section("features", FeaturesConf)
    frames = {n: frame_of(spark, told.frames, t) for n, t in FRAMES.items()}
    wide = compute_features_at(frames, config, dates=[as_of], customers=frames["crosswalk"])
    return packed(wide, config)


def scored(spark: SparkSession, told: Trained, model: Champion | None) -> DataFrame:
    return score.build(features(spark, told, AS_OF), as_of=AS_OF, bank=told.bank, spark=spark, model=model)


def test_an_effect_that_is_there_passes_the_gate_on_later_campaigns(told: Trained) -> None:
    verdict, found = told.verdict, told.champion
    assert verdict.promoted, str(verdict)
    assert verdict.reason.startswith(
        "call: too few cases: 0 of 100 needed; message: effects beat random order"
    )
    assert (verdict.metric, verdict.version, verdict.champion) == ("qini", 1, None)
    assert verdict.value is not None
    assert verdict.baseline is not None
    assert verdict.value > verdict.baseline
    assert found.metrics["message.effect"] == pytest.approx(0.35 * 0.4, abs=0.04)
    assert abs(found.metrics["message.assigned_auc"] - 0.5) < 0.06
    assert {"message.qini", "message.response_model.lead", "message.rule.uplift_30"} <= set(found.metrics)


def test_the_card_tells_of_campaigns_figures_tenths_and_the_verdict(told: Trained) -> None:
    card = card_of("uplift", told.registry)
    train, later = (", ".join(str(d - timedelta(days=1)) for d in part) for part in (STARTS[:3], STARTS[3:]))
    assert f"| trained at | {train} |" in card
    assert f"| judged at | {later}, on dates that no training window reaches |" in card
    assert card.count("| tenth, message |") == 10
    assert "| goal | message | 4,000 |" in card
    assert "Promoted: call: too few" in card


def test_scores_hold_the_contract_and_tell_whom_contact_moves(spark: SparkSession, told: Trained) -> None:
    rows = scored(spark, told, told.champion)
    assert rows.schema.names == score.SCHEMA.names
    assert [f.dataType for f in rows.schema.fields] == [f.dataType for f in score.SCHEMA.spark.fields]
    found = rows.orderBy("customer_id").toArrow().to_pandas()
    assert len(found) == found["customer_id"].nunique() == CUSTOMERS
    assert set(found["goal"]) == {"message"}
    assert set(found["model_version"]) == {1}
    assert set(found["as_of"]) == {AS_OF}
    app = moved_ones(told)
    assert found.loc[app, "effect"].mean() == pytest.approx(0.35, abs=0.08)
    assert found.loc[~app, "effect"].mean() == pytest.approx(0.0, abs=0.08)
    assert found["tenth"].between(1, 10).all()
    assert found.groupby("tenth")["effect"].mean().is_monotonic_decreasing
    top = found["percentile"] >= 0.5
    assert all(why[0]["feature"] == "logins" for why in found.loc[top, "reasons"])
    assert all(len(why) == 0 for why in found.loc[~top, "reasons"])


def moved_ones(told: Trained) -> np.ndarray:
    """Customers in order of their ids: whether they log in, and so are moved."""
    logins = {r[0] for r in told.frames["gold.interaction_daily"].select("party_id").distinct().collect()}
    return np.array([f"core|C{i:05d}" in logins for i in range(CUSTOMERS)])


def test_batches_do_not_move_a_score_and_the_registry_says_the_same(
    spark: SparkSession, told: Trained
) -> None:
    rows = scored(spark, told, told.champion).orderBy("customer_id").toArrow()
    one = scored(spark, replace(told), told.champion).coalesce(1).orderBy("customer_id").toArrow()
    assert rows.select(["customer_id", "effect"]).equals(one.select(["customer_id", "effect"]))
    mlflow.set_tracking_uri(told.uri)
    native = mlflow.pyfunc.load_model(f"models:/{told.registry.registered('uplift')}@champion")
    names = list(told.champion.features)
    wide = features(spark, told, AS_OF).selectExpr("customer_id", "map_from_entries(features) AS f")
    x = wide.selectExpr(*[f"f['{n}'] AS {n}" for n in names], "customer_id").orderBy("customer_id")
    said = native.predict(x.drop("customer_id").toArrow().to_pandas())
    np.testing.assert_allclose(said["message"], rows["effect"].to_numpy(), atol=1e-12)


def test_nothing_is_scored_without_a_champion_or_for_a_goal_no_longer_configured(
    spark: SparkSession, told: Trained, tmp_path: Path
) -> None:
    assert scored(spark, told, None).count() == 0
    other = bank_of(tmp_path, MODELS.replace("message:", "letter:"))
    assert scored(spark, replace(told, bank=other), told.champion).count() == 0


def test_training_again_keeps_what_is_in_force(spark: SparkSession, told: Trained, tmp_path: Path) -> None:
    lake = Path(told.uri.removeprefix("sqlite:///")).parent
    again = trained(spark, told.frames, told.bank, lake)
    assert not again.verdict.promoted
    assert again.verdict.version == 2
    assert "effects do not beat the champion beyond noise" in again.verdict.reason
    assert again.champion.version == 1


def test_where_all_are_moved_alike_the_gate_refuses_and_nothing_is_scored(
    spark: SparkSession, bank: Bank, tmp_path: Path
) -> None:
    flat = trained(spark, make_book(spark, moved=0.0), bank, tmp_path)
    assert not flat.verdict.promoted
    assert "message: effects do not beat random order beyond noise" in flat.verdict.reason
    assert flat.verdict.version == 1
    assert load("uplift", flat.registry) is None
    challenger = load("uplift", flat.registry, 1)
    assert scored(spark, flat, challenger).count() == 0


def test_what_is_known_from_the_assignment_on_moves_nothing(
    spark: SparkSession, book: dict[str, DataFrame], bank: Bank
) -> None:
    day = STARTS[3]
    eve = day - timedelta(days=1)
    later = {
        "silver.campaign_contact": contact_rows(spark, [contact("x1", "other", "C00001", day, True)]),
        "silver.campaign_response": response_rows(
            spark, [response("x1", "other", "C00001", day), (*response("x2", "m0", "C00002", eve)[:6], day)]
        ),
        "gold.interaction_daily": login_rows(
            spark, [("core|C00001", day, "app", "login", 99, day), ("core|C00002", eve, "app", "login", 99, day)]
        ),
    }  # fmt: skip
    known = {"gold.interaction_daily": login_rows(spark, [("core|C00001", eve, "app", "login", 99, eve)])}
    before = judged_by(spark, book, bank)
    assert before.equals(judged_by(spark, planted(book, later), bank))
    assert not before.equals(judged_by(spark, planted(book, known), bank))
    assert set(before["contacts"].to_pylist()) == {0.0}  # the contact itself is never among them


def planted(book: dict[str, DataFrame], more: dict[str, DataFrame]) -> dict[str, DataFrame]:
    return {**book, **{name: book[name].unionByName(rows) for name, rows in more.items()}}


def judged_by(spark: SparkSession, book: dict[str, DataFrame], bank: Bank) -> pa.Table:
    """What the campaign of STARTS[3] is judged by."""
    wanted = {**FRAMES, **MODEL.tables}
    frames = {n: as_known_at(frame_of(spark, book, t), AS_OF) for n, t in wanted.items()}
    ready = prepare(frames, bank.section("models", ModelsSpec).uplift, AS_OF)
    assert isinstance(ready, Ready)
    people, config = frames["crosswalk"], bank.section("features", FeaturesConf)
    wide = compute_features_at(frames, config, dates=ready.dates, customers=people)
    [window] = ready.windows
    return collected(ready, "message", window.later[:1], wide)


def test_the_suite_judges_every_key_column() -> None:
    suite = load_suite("models.uplift")
    assert suite is not None
    text: Any = str(suite)
    assert all(key in text for key in score.SCHEMA.key)
