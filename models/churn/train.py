"""The churn model as the common machinery trains it."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from models.churn import features, labels
from models.core.trainable import TrainableModel

MODEL: Final = TrainableModel(
    name="churn",
    kind="probability",
    objective="binary",
    spec=lambda section: section.churn,
    candidates=features.candidates,
    outcomes=labels.outcomes,
    baseline="-own_txn_count_90d",
    tables={**features.TABLES, **labels.TABLES},
    periods=lambda spec: spec.periods,
    card=files("models.churn").joinpath("card.md").read_text(encoding="utf-8"),
)
