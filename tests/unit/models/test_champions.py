from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import lightgbm as lgb
import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from models.core.anchor import Anchor
from models.core.calibration import Calibration
from models.core.champions import ALIAS, Champion, ChampionError
from models.core.explanations import reasons
from models.core.in_force import _find, load
from models.core.linear import Linear, Part
from models.core.registry import Registry
from models.core.scorer import log_odds
from models.core.tracking import CHALLENGER, Training, find_version, register
from models.core.versions import promote


@pytest.fixture(scope="module")
def champion() -> Champion:
    x = np.random.default_rng(0).normal(size=(400, 2))
    booster = lgb.train({"verbosity": -1, "num_threads": 1}, lgb.Dataset(x, x[:, 0]), num_boost_round=5)
    return Champion(
        name="churn",
        version=0,
        as_of="2024-12-31",
        horizon_months=6,
        booster=booster.model_to_string(),
        features=("days_since_login", "tenure"),
        categories={"tenure": ("a", "b")},
        calibration=Calibration((0.1, 0.2), (0.0, 1.0)),
        quantiles=(0.0, 0.5, 1.0),
        metrics={"auc": 0.8},
    )


@pytest.fixture(scope="module")
def registry(champion: Champion, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("a registry")
    registry, artefacts = Registry(f"sqlite:///{folder}/mlflow.db", "demo"), f"file://{folder}/_models"
    training = Training(
        {"rounds": 5}, {"auc": 0.8, "champion": float("nan")}, {"table.gold.feature": "3"}, "# card"
    )
    first = register(champion, training, registry, artefacts)
    promote(
        "churn", first.version, registry, at=datetime(2025, 1, 2, tzinfo=UTC), reason="beats the baseline"
    )
    second = register(champion, training, registry, artefacts)
    assert (first.version, second.version) == (1, 2)
    return registry


def test_without_a_registry_there_is_no_champion_and_nothing_is_made(tmp_path: Path) -> None:
    assert load("churn", Registry(f"sqlite:///{tmp_path}/mlflow.db", "demo")) is None
    assert list(tmp_path.iterdir()) == []


def test_the_champion_comes_back_as_it_was_promoted(champion: Champion, registry: Registry) -> None:
    found = load("churn", registry)
    assert found is not None
    assert found.version == 1
    assert found.to_json() == champion.to_json().replace('"version": 0', '"version": 1')


def test_a_version_can_be_asked_for_and_an_unknown_one_is_an_error(registry: Registry) -> None:
    found = load("churn", registry, version=2)
    assert found is not None
    assert found.version == 2
    with pytest.raises(ChampionError, match="no version 9"):
        load("churn", registry, version=9)
    assert load("clv", registry) is None


def test_mlflow_itself_finds_what_the_direct_look_finds(registry: Registry) -> None:
    assert find_version("churn", registry, ALIAS, None) == _find("churn", registry, None)
    assert find_version("churn", registry, ALIAS, 2) == _find("churn", registry, 2)
    assert find_version("clv", registry, ALIAS, None) is None
    assert MlflowClient(registry.uri).get_model_version_by_alias("demo.churn", CHALLENGER).version in (2, "2")


def test_the_registered_model_is_a_native_booster_with_a_signature_of_doubles(
    champion: Champion, registry: Registry
) -> None:
    mlflow.set_tracking_uri(registry.uri)
    loaded = mlflow.lightgbm.load_model("models:/demo.churn@champion")
    x = np.array([[0.3, 1.0], [-2.0, 0.0]])
    np.testing.assert_array_equal(loaded.predict(x), lgb.Booster(model_str=champion.booster).predict(x))
    signature = mlflow.models.get_model_info("models:/demo.churn@champion").signature
    assert [c.type.name for c in signature.inputs] == ["double", "double"]


def test_a_mixture_comes_back_and_is_registered_as_what_it_says(
    champion: Champion, registry: Registry
) -> None:
    parts: tuple[Part, ...] = ((0, "number", 0.2, 1.5), (0, "missing", 0.0, 1.0), (1, "value", 1.0, 1.0))
    mixed = replace(
        champion, name="mixed", linear=Linear(parts, (0.1, 0.2, 0.3), (0.5, -1.0, 0.7), -1.2), boosted=0.25
    )
    folder = Path(registry.uri.removeprefix("sqlite:///")).parent
    made = register(mixed, Training({}, {}, {}, "# card"), registry, f"file://{folder}/_models")
    found = load("mixed", registry, version=made.version)
    assert found == made
    x = np.array([[0.3, 1.0], [np.nan, 0.0], [-2.0, np.nan]])
    said = mixed.scorer.raw(x)
    mlflow.set_tracking_uri(registry.uri)
    loaded = mlflow.pyfunc.load_model("models:/demo.mixed@challenger")
    np.testing.assert_array_equal(loaded.predict(pd.DataFrame(x, columns=list(mixed.features))), said)
    told = [sum(r["contribution"] for r in why) for why in reasons(mixed.scorer, x, mixed.features, {}, 9)]
    rest = log_odds(said) - np.array(told)
    np.testing.assert_allclose(rest, rest[0])


def test_an_anchor_comes_back_and_mlflow_counts_it(champion: Champion, registry: Registry) -> None:
    anchored = replace(champion, name="anchored", anchor=Anchor(1, times=4.0, level=2.0, mean=0.5))
    folder = Path(registry.uri.removeprefix("sqlite:///")).parent
    made = register(anchored, Training({}, {}, {}, "# card"), registry, f"file://{folder}/_models")
    assert load("anchored", registry, version=made.version) == made
    x = np.array([[0.3, 10.0], [np.nan, 0.0], [-2.0, np.nan]])
    mlflow.set_tracking_uri(registry.uri)
    loaded = mlflow.pyfunc.load_model("models:/demo.anchored@challenger")
    said = loaded.predict(pd.DataFrame(x, columns=list(champion.features)))
    np.testing.assert_array_equal(said, anchored.scorer.raw(x))
    np.testing.assert_allclose(
        said - champion.scorer.raw(x), [2 + 0.5 * np.arcsinh(40), 2, 2], err_msg="a missing amount is none"
    )


def test_loading_a_champion_does_not_import_mlflow(registry: Registry) -> None:
    code = f"""
import sys
from models.core.in_force import load
from models.core.registry import Registry
assert load("churn", {registry!r}).version == 1
assert not {{"mlflow", "lightgbm", "sklearn"}} & set(sys.modules), "scoring must not wait for them"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_telemetry_is_off() -> None:
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
