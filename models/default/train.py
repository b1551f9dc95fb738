"""The default model as the common machinery trains it."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from models.core.trainable import TrainableModel
from models.default import features, labels

USUAL_SCORE: Final = 600
"""Where a credit bureau said nothing."""

MODEL: Final = TrainableModel(
    name="default",
    kind="probability",
    objective="binary",
    spec=lambda section: section.default,
    candidates=features.candidates,
    outcomes=labels.outcomes,
    # As a clerk would sort them: by how late now, then the worst of the year, then the bureau's score.
    baseline=f"past_due_now * 1e6 + past_due_worst_12m * 1e3 - coalesce(bureau_score, {USUAL_SCORE})",
    tables=features.TABLES,
    card=files("models.default").joinpath("card.md").read_text(encoding="utf-8"),
)
