"""Champions: the frozen record of a promoted model, with all that scoring needs and nothing that learns.

The registry (MLflow) says which version is champion. A local SQLite registry is asked directly, because importing
mlflow costs seconds on every run; any other registry is asked through mlflow itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from jobs.core.errors import OnebookError
from jobs.core.storage import join, read_bytes
from models.core.calibration import Calibration
from models.core.linear import Linear
from models.core.reference import Reference
from models.core.registry import Registry
from models.core.scorer import Scorer
from models.core.survival import Hazard, Periods

ALIAS: Final = "champion"
FILE: Final = "champion.json"
CHAMPION_SQL: Final = """
    SELECT v.version, r.artifact_uri
    FROM registered_model_aliases a
    JOIN model_versions v ON v.name = a.name AND v.version = a.version
    JOIN runs r ON r.run_uuid = v.run_id
    WHERE a.name = ? AND a.alias = ?
"""
VERSION_SQL: Final = """
    SELECT v.version, r.artifact_uri FROM model_versions v JOIN runs r ON r.run_uuid = v.run_id
    WHERE v.name = ? AND v.version = ?
"""


class ChampionError(OnebookError):
    """A version was asked for that the registry doesn't know, or its record is gone; the message says which."""


@dataclass(frozen=True, slots=True)
class Champion:
    """A model as it was promoted. `booster` is LightGBM's own text; `features` its columns in order.

    `categories`: feature → its values; a value's place is its code, anything else is missing. `quantiles`: the
    raw output's quantiles (0, 1/n … 1) on the later window, against which percentiles are read.
    `linear` and `boosted`: the logistic regression beside the trees and the trees' share (see `Scorer`).
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

    @property
    def scorer(self) -> Scorer:
        """What it says of a row."""
        if self.periods is not None:
            return Hazard(self.booster, self.linear, self.boosted, self.periods.ends)
        return Scorer(self.booster, self.linear, self.boosted)

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
                "periods": Periods.from_json(raw["periods"]) if raw.get("periods") else None,
                "reference": {k: Reference.from_json(v) for k, v in raw.get("reference", {}).items()},
            }
        )


def load(name: str, registry: Registry, version: int | None = None) -> Champion | None:
    """The champion of `name`, or that `version` of it; None where nothing was ever promoted.

    Raises ChampionError where `version` is not registered or its record can't be read.
    """
    found = _find(name, registry, version)
    if found is None and version is not None:
        raise ChampionError(f"model {name} has no version {version}", "train it, or name a registered one")
    return None if found is None else Champion.from_json(_read(name, *found), found[0])


def _find(name: str, registry: Registry, version: int | None) -> tuple[int, str] | None:
    """Version and artefact location of a run. Raises UsageError where it stands under a name without the bank."""
    if registry.file is None:
        from models.core.tracking import find_version  # noqa: PLC0415 – mlflow costs seconds

        found = find_version(name, registry, ALIAS, version)
    else:
        query, value = (CHAMPION_SQL, ALIAS) if version is None else (VERSION_SQL, version)
        row = next(iter(registry.rows(query, registry.registered(name), value)), None)
        found = None if row is None else (int(row[0]), str(row[1]))
    if found is None and registry.may_wait(name):
        from models.core.adoption import refuse_unadopted  # noqa: PLC0415 – mlflow costs seconds

        refuse_unadopted(registry, [name])
    return found


def _read(name: str, version: int, artifact_uri: str) -> str:
    try:
        return read_bytes(join(artifact_uri, FILE)).decode()
    except FileNotFoundError:
        raise ChampionError(
            f"the record of {name} version {version} is gone from {artifact_uri}",
            "restore the models' folder",
        ) from None
