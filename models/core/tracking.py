"""Tracking: every training is an MLflow run, every model that passed enough cases a registered version with aliases.

`champion` is the version in force, `challenger` the latest one that was judged. Telemetry is off before mlflow loads.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from typing import Any, Final

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import lightgbm as lgb
import mlflow.lightgbm
import mlflow.pyfunc
import pandas as pd
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.pyfunc.model import PythonModel
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from models.core.champions import FILE, Champion
from models.core.registry import Registry

CHALLENGER: Final = "challenger"
TABLE_TAG: Final = "table."
"""Before a table's name among a run's tags; the value is the Delta version that trained."""
# Imported, it sets its own logger up to warn of pip's version at each model.
logging.getLogger("mlflow").setLevel(
    logging.WARNING if logging.getLogger().isEnabledFor(logging.DEBUG) else logging.ERROR
)


@dataclass(frozen=True, slots=True)
class Training:
    """What is written down about one training: parameters, metrics, tags (data versions, configuration) and card."""

    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    card: str


@dataclass(frozen=True, slots=True)
class Native:
    """A model that MLflow runs by code of ours: doubles under the features' names in, `outputs` out."""

    model: PythonModel
    outputs: tuple[str, ...]


def register(
    champion: Champion,
    training: Training,
    registry: Registry,
    artifact_uri: str,
    native: Native | None = None,
) -> Champion:
    """Log the run and register its model, natively and as the frozen record; the record with its version."""
    client, registered = MlflowClient(registry.uri), registry.registered(champion.name)
    run = client.create_run(
        _experiment(client, registered, f"{artifact_uri}/{champion.name}"),
        run_name=f"{champion.name} {champion.as_of}",
        tags=dict(training.tags),
    )
    _log(client, run.info.run_id, training)
    client.log_text(run.info.run_id, champion.to_json(), FILE)
    with tempfile.TemporaryDirectory() as folder:
        _save(champion, f"{folder}/model", native)
        client.log_artifacts(run.info.run_id, f"{folder}/model", "model")
    client.set_terminated(run.info.run_id)
    made = _version(client, registered, f"{run.info.artifact_uri}/model", run.info.run_id)
    client.set_registered_model_alias(registered, CHALLENGER, str(made))
    return replace(champion, version=made)


def find_version(name: str, registry: Registry, alias: str, version: int | None) -> tuple[int, str] | None:
    """(version, artefact URI of its run) of an alias or version; None where the registry doesn't know it."""
    client, registered = MlflowClient(registry.uri), registry.registered(name)
    try:
        found = (
            client.get_model_version_by_alias(registered, alias)
            if version is None
            else client.get_model_version(registered, str(version))
        )
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    return int(found.version), str(client.get_run(str(found.run_id)).info.artifact_uri)


def signature(features: Sequence[str], outputs: Sequence[str] = ()) -> ModelSignature:
    """Doubles in, doubles out, one without a name where none is given: an int64 would be refused by MLflow where a
    double is declared.
    """
    columns: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.double, name, required=False) for name in features
    ]
    told: list[ColSpec | TensorSpec] = [ColSpec(DataType.double, name) for name in outputs]
    return ModelSignature(inputs=Schema(columns), outputs=Schema(told or [ColSpec(DataType.double)]))


def _experiment(client: MlflowClient, name: str, location: str) -> str:
    found = client.get_experiment_by_name(name)
    return found.experiment_id if found else str(client.create_experiment(name, location))


def _log(client: MlflowClient, run: str, training: Training) -> None:
    for key, value in training.params.items():
        client.log_param(run, key, value)
    for key, number in training.metrics.items():
        if number == number:  # noqa: PLR0124 – nan: not measured, and SQLite refuses it
            client.log_metric(run, key, number)
    client.log_text(run, training.card, "card.md")


class Mixture(PythonModel):
    """What the trees alone don't say (a logistic regression beside them, a hazard over its periods, an anchor beneath them): doubles
    under the features' names in, raw output out.
    """

    def __init__(self, champion: Champion) -> None:
        self.champion = champion

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:  # noqa: ARG002 - mlflow's own
        """The raw output of each row."""
        return self.champion.scorer.raw(model_input[list(self.champion.features)].to_numpy(float))


def _save(champion: Champion, folder: str, native: Native | None) -> None:
    if native is None and any((champion.linear, champion.periods, champion.anchor)):
        native = Native(Mixture(champion), ())
    if native is not None:
        needed = [f"{name}=={installed(name)}" for name in ("lightgbm", "mlflow", "numpy")]
        made = signature(champion.features, native.outputs)
        mlflow.pyfunc.save_model(folder, python_model=native.model, signature=made, pip_requirements=needed)
        return
    mlflow.lightgbm.save_model(
        lgb.Booster(model_str=champion.booster),
        folder,
        signature=signature(champion.features),
        pip_requirements=[f"lightgbm=={installed('lightgbm')}", f"mlflow=={installed('mlflow')}"],
    )


def _version(client: MlflowClient, name: str, source: str, run: str) -> int:
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    return int(client.create_model_version(name, source, run_id=run).version)
