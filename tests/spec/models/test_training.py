"""Models trained on a toy book: what is learnt, promoted, told and refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from mlflow import MlflowClient
from pyspark.sql import SparkSession

from conf.features import FeaturesConf
from jobs.core.errors import UsageError
from jobs.core.features import compute_features_at
from models.core.fitting import fitted_and_judged
from models.core.in_force import load
from models.core.known import known_models, spec_of, trainable
from models.core.prepared import prepare
from models.core.reference import SCORE
from models.core.registry import Registry
from models.core.splits import forward_split
from models.core.trainable import Labelled
from models.core.training import train_all
from models.core.versions import card_of, versions
from tests.spec.models.book import AS_OF
from tests.spec.models.conftest import MODELS, QUICK, Trained, bank_of, reader


def test_every_model_is_found_by_its_folder() -> None:
    assert {"churn", "clv", "cross_sell"} <= set(known_models())
    with pytest.raises(UsageError, match="known are"):
        trainable("horoscope")


def test_what_can_be_foretold_is_learnt_promoted_and_beats_the_naive_score(trained: Trained) -> None:
    for name in ("churn", "cross_sell", "clv"):
        verdict = trained.verdicts[name]
        assert verdict.promoted, str(verdict)
        assert verdict.version == 1
        assert verdict.value is not None
        assert verdict.baseline is not None
        assert verdict.value > verdict.baseline


def test_a_run_says_what_it_was_trained_on(trained: Trained) -> None:
    client = MlflowClient(trained.tracking_uri)
    version = client.get_model_version_by_alias("toy.churn", "champion")
    run = client.get_run(str(version.run_id))
    assert run.data.tags["table.gold.account_daily"] == "7"
    assert run.data.tags["configuration"] == trained.bank.fingerprint
    assert run.data.params["later_dates"] == "2024-06-30"
    assert run.data.params["train_dates"] == "2023-10-31, 2023-12-31"


def test_a_card_says_what_for_on_what_how_well_for_whom_and_what_the_gate_said(trained: Trained) -> None:
    card = card_of("cross_sell", trained.registry)
    for part in ("Data of this training", "Figures on the later window", "By slice", "Fairness", "The gate"):
        assert f"\n## {part}\n" in card
    assert "**Purpose.**" in card
    assert "**Limits.**" in card
    assert "| gold.account_daily | 7 |" in card
    assert "| code | c0de |" in card
    assert re.search(r"\| map_at_3 \| 0\.\d{4} \[0\.\d{4}, 0\.\d{4}\] \|", card)
    assert re.search(r"\| family \| insurance \| [\d,]+ \| 0\.\d{4} \| 0\.\d{4} \| [01]\.\d{4} \[", card)
    assert len(re.findall(r"\| fifth of the score \| \d \|", card)) == 5
    assert "Promoted: beats the naive baseline." in card
    [listed] = [v for v in versions(trained.registry) if v.model == "cross_sell"]
    assert (listed.promoted, listed.data, listed.code) == (True, {"gold.account_daily": 7}, "c0de")
    assert listed.value == trained.verdicts["cross_sell"].value
    assert listed.value is not None
    assert listed.low is not None
    assert listed.value is not None
    assert listed.high is not None
    assert listed.low < listed.value < listed.high


def test_a_champion_keeps_how_its_features_and_scores_lay(trained: Trained) -> None:
    for name in ("churn", "clv", "cross_sell"):
        champion = trained.champion(name)
        assert set(champion.reference) == {*champion.features, SCORE}
        for found in champion.reference.values():
            assert found.rows > 0
            # A feature may have no value at all.
            assert sum(found.shares) == pytest.approx(float(found.missing < 1), abs=1e-4)


def test_training_again_on_the_same_book_leaves_the_champion(spark: SparkSession, trained: Trained) -> None:
    [again] = train_all(
        spark,
        reader(spark, trained.frames),
        trained.bank,
        AS_OF,
        trained.tracking_uri,
        trained.artifact_uri,
        names=["churn"],
    )
    assert not again.promoted
    assert again.version == 2
    assert again.value == again.champion
    assert again.reason.startswith("does not beat the champion")
    champion = load("churn", trained.registry)
    assert champion is not None
    assert champion.version == 1


def test_a_champion_taught_by_what_is_barred_by_now_is_still_to_be_beaten(
    spark: SparkSession, trained: Trained, tmp_path: Path
) -> None:
    bank = bank_of(tmp_path, MODELS.replace(QUICK, QUICK[:-1] + ", excluded: [deposits]}", 1))
    model, champion = trainable("churn"), load("churn", trained.registry)
    assert champion is not None
    assert "deposits" in champion.features
    spec, config = spec_of(model, bank), bank.section("features", FeaturesConf)
    past = prepare(reader(spark, trained.frames), [(model, spec)], AS_OF)
    split = forward_split(past.dates(spec, AS_OF), spec.horizon_months, spec.snapshots)
    ready = past.counted(model, spec, split.dates).split(split)
    assert isinstance(ready, Labelled)
    book = compute_features_at(past.frames, config, dates=ready.dates, customers=past.customers)
    result = fitted_and_judged(ready, book, AS_OF, champion)
    assert "deposits" not in result.champion.features
    assert result.verdict.champion == pytest.approx(champion.metrics["auc"])


def test_too_few_cases_are_said_and_nothing_is_registered(
    spark: SparkSession, trained: Trained, tmp_path: Path
) -> None:
    bank = bank_of(tmp_path / "conf", MODELS.replace("min_cases: 50,", "min_cases: 100000,"))
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    verdicts = train_all(
        spark, reader(spark, trained.frames), bank, AS_OF, uri, f"file://{tmp_path}", names=["churn"]
    )
    assert verdicts[0].reason == f"too few cases: {verdicts[0].cases} of 100000 needed"
    assert load("churn", Registry(uri, bank.name)) is None
    assert not (tmp_path / "mlflow.db").exists()


def test_a_history_too_short_says_so(spark: SparkSession, trained: Trained, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    early = date(2023, 8, 15)
    verdicts = train_all(spark, reader(spark, trained.frames), trained.bank, early, uri, f"file://{tmp_path}")
    assert [v.promoted for v in verdicts] == [False] * len(verdicts)
    assert all(v.reason.startswith("too few cases: 0 of") for v in verdicts)
