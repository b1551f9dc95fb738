"""Champions: the frozen record of a promoted model, with all that scoring needs and nothing that learns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from jobs.core.errors import OnebookError
from models.core.anchor import Anchor
from models.core.calibration import Calibration
from models.core.linear import Linear
from models.core.reference import Reference
from models.core.scorer import Scorer
from models.core.survival import Periods, scorer_of

ALIAS: Final = "champion"
FILE: Final = "champion.json"


class ChampionError(OnebookError):
    """A version was asked for that the registry doesn't know, or its record is gone; the message says which."""


@dataclass(frozen=True, slots=True)
class Champion:
    """A model as it was promoted. `booster` is LightGBM's own text; `features` its columns in order.

    `categories`: feature → its values; a value's place is its code, anything else is missing. `quantiles`: the
    raw output's quantiles (0, 1/n … 1) on the later window, against which percentiles are read.
    `linear` and `boosted`: the logistic regression beside the trees and the trees' share; `anchor` (see `Scorer`).
    `periods`: of a hazard, whose booster takes the period as a last feature. `extra`: what one model alone needs
    (plain JSON). `reference`: how its features and scores lay, by name.
    """

    name: str
    version: int
    as_of: str
    horizon_months: int
    booster: str
    features: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    calibration: Calibration
    quantiles: tuple[float, ...]
    metrics: Mapping[str, float]
    linear: Linear | None = None
    boosted: float = 1.0
    extra: Mapping[str, Any] = field(default_factory=dict)
    periods: Periods | None = None
    reference: Mapping[str, Reference] = field(default_factory=dict)
    anchor: Anchor | None = None

    @property
    def scorer(self) -> Scorer:
        """What it says of a row."""
        return scorer_of(Scorer(self.booster, self.linear, self.boosted, self.anchor), self.periods)

    def to_json(self) -> str:
        """The record as JSON, keys sorted."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, version: int) -> Champion:
        """The record of `text` under the version that the registry gave it."""
        raw = json.loads(text)
        points = Calibration(*(tuple(raw["calibration"][k]) for k in ("raw", "real")))
        return cls(
            **{
                **raw,
                "version": version,
                "features": tuple(raw["features"]),
                "quantiles": tuple(raw["quantiles"]),
                "categories": {k: tuple(v) for k, v in raw["categories"].items()},
                "calibration": points,
                "linear": Linear.from_json(raw["linear"]) if raw.get("linear") else None,
                "anchor": Anchor.from_json(raw["anchor"]) if raw.get("anchor") else None,
                "periods": Periods.from_json(raw["periods"]) if raw.get("periods") else None,
                "reference": {k: Reference.from_json(v) for k, v in raw.get("reference", {}).items()},
            }
        )
