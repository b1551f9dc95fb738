"""The value model as the common machinery trains it."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from models.clv import features, labels
from models.core.anchor import Start
from models.core.trainable import TrainableModel

START: Final = Start("contribution_3m", 4.0)
"""The last three months, carried on for a year."""
MODEL: Final = TrainableModel(
    name="clv",
    kind="value",
    objective="log_value",
    spec=lambda section: section.clv,
    candidates=features.candidates,
    outcomes=labels.outcomes,
    baseline=START.sql,
    start=START,
    tables=features.TABLES,
    card=files("models.clv").joinpath("card.md").read_text(encoding="utf-8"),
)
