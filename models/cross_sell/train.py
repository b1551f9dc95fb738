"""The next-product model as the common machinery trains it: one booster over customers × products."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from models.core.trainable import TrainableModel
from models.cross_sell import features, labels
from models.cross_sell.factorisation import liking

MODEL: Final = TrainableModel(
    name="cross_sell",
    kind="ranking",
    objective="binary",
    spec=lambda section: section.cross_sell,
    candidates=features.candidates,
    outcomes=labels.outcomes,
    baseline="adopters",
    tables=features.TABLES,
    card=files("models.cross_sell").joinpath("card.md").read_text(encoding="utf-8"),
    items=("product_id",),
    rivals={"factorisation": liking},
    scored=lambda spec: str(spec.label.eligible),
)
