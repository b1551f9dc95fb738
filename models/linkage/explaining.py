"""Why a pair has its probability: bits per field by the weights, and what the re-ranker made of them.

Fellegi and Sunter's model is a sum: the prior's log2-odds and each field's bits. The re-ranker is a boosted model; its
log-odds are divided among features by TreeSHAP (Lundberg et al. 2020, LightGBM's `pred_contrib`), which adds up
exactly, and features are added up by field. Both are told side by side, in bits (log2 of the odds).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log2
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from models.linkage.evidence import Judged, Kept

JUDGE: Final = "_judge"
"""Beside the features: the number of the model that judged the pair, −1 for none."""
OVERALL: Final = ("all weights", "all names", "whole address", "names swapped", "one source")
"""Features that belong to no single column."""
MISSING: Final = "missing"
NEGLIGIBLE: Final = 0.005
ROUNDED: Final = 2e-6
"""Probabilities are written with six digits."""


@dataclass(frozen=True)
class Field:
    """One field of a pair: what was found, the bits that it adds by the weights, and by the re-ranker (None: it had no
    say). `usual` are the bits of that level before the value's own rarity.
    """

    field: str
    found: str
    weight: float
    usual: float | None = None
    best: bool = False
    reranker: float | None = None


@dataclass(frozen=True)
class Reranking:
    """The re-ranker's sum in bits: `start` (its average), the fields' parts, `overall` (what it saw of several fields
    together), `total`; `rest` is what stands between that and the final probability.
    """

    start: float
    overall: dict[str, float]
    total: float
    rest: float


@dataclass(frozen=True)
class PairExplained:
    """A pair's probability taken apart; all but probabilities in bits."""

    record_l: str
    record_r: str
    probability: float
    threshold: float
    same_customer: bool
    prior: float
    weight: float
    fields: tuple[Field, ...]
    reranking: Reranking | None = None
    certain: str | None = None
    """The exact rule that joins the pair whatever its probability, if any."""
    by_clusters: bool = False
    """The re-ranker had too few pairs to learn from, and the clusters of the weights alone decided."""

    @property
    def weighed(self) -> float:
        """The probability by the weights alone."""
        return chance(self.weight)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"weighed_probability": round(self.weighed, 6)}


def chance(bits: float) -> float:
    """The probability of log2-odds."""
    return float(1 / (1 + np.exp2(-np.clip(bits, -60, 60))))


def bits(probability: float) -> float:
    """The log2-odds of a probability, held to six digits."""
    held = min(max(probability, 1e-6), 1 - 1e-6)
    return log2(held / (1 - held))


def pair(output: Kept, left: str, right: str) -> PairExplained | None:
    """The pair of records `left` and `right` (in either order); None where it isn't among the pairs kept."""
    pairs = output.pairs
    asked = [
        (pairs["record_id_l"] == one) & (pairs["record_id_r"] == other)
        for one, other in ((left, right), (right, left))
    ]
    place = np.flatnonzero(asked[0] | asked[1])
    return explained(output, int(place[0])) if len(place) else None


def pairs_of(output: Kept, record: str) -> list[PairExplained]:
    """All pairs kept of one record, likeliest first."""
    pairs = output.pairs
    mine = pairs[(pairs["record_id_l"] == record) | (pairs["record_id_r"] == record)]
    ordered = mine.sort_values(["probability", "weight"], ascending=False, kind="stable")
    return [explained(output, int(place)) for place in ordered.index]


def explained(output: Kept, place: int) -> PairExplained:
    """The pair in row `place` of the pairs."""
    row = output.pairs.iloc[place]
    judge = -1 if output.features is None else int(output.features[JUDGE].iloc[place])
    reranking, by_field = (None, {}) if judge < 0 else _reranking(output, place, judge)
    return PairExplained(
        record_l=str(row["record_id_l"]),
        record_r=str(row["record_id_r"]),
        probability=float(row["probability"]),
        threshold=float(output.settings["threshold"]),
        same_customer=bool(row["same_customer"]),
        prior=log2(output.model["prior"] / (1 - output.model["prior"])),
        weight=float(row["weight"]),
        fields=tuple(_field(output, row, name, by_field) for name in output.settings["meanings"]),
        reranking=reranking,
        by_clusters=output.features is not None and judge < 0,
    )


def _field(output: Kept, row: pd.Series, name: str, by_field: dict[str, float]) -> Field:
    found, levels = str(row[f"level_{name}"]), output.model["columns"][name]
    at = next((i for i, level in enumerate(levels) if level["level"] == found), None)
    return Field(
        field=name,
        found=found,
        weight=float(row[f"weight_{name}"]),
        usual=None if at is None else log2(levels[at]["m"] / levels[at]["u"]),
        best=at == 0,
        reranker=by_field.get(name, 0.0) if by_field else None,
    )


def _reranking(output: Kept, place: int, judge: int) -> tuple[Reranking, dict[str, float]]:
    """The sum, and each field's part."""
    assert output.features is not None
    features = output.features.drop(columns=JUDGE)
    seen = features.iloc[[place]].to_numpy(np.float32)
    moved = np.asarray(output.models[judge].predict(seen, pred_contrib=True, num_threads=1))[0] / np.log(2)
    groups = [group(name, output.settings["meanings"]) for name in features.columns]
    parts = pd.Series(moved[:-1]).groupby(groups).sum().to_dict()
    total, probability = float(moved.sum()), float(output.pairs["probability"].iloc[place])
    rest = 0.0 if abs(chance(total) - probability) <= ROUNDED else bits(probability) - total
    overall = {name: float(part) for name, part in parts.items() if name not in output.settings["meanings"]}
    fields = {name: float(part) for name, part in parts.items() if name in output.settings["meanings"]}
    return Reranking(float(moved[-1]), overall, total, rest), fields


def heard(judged: Judged | None, columns: dict[str, str]) -> list[tuple[str, float]]:
    """What the re-ranker listens to: (field, share of all its models' gain), most first; empty where there is none."""
    if judged is None or not judged.models:
        return []
    gain = np.sum([model.feature_importance("gain") for model in judged.models.values()], axis=0)
    shares = (
        pd.Series(gain / max(gain.sum(), 1e-9)).groupby([group(name, columns) for name in judged.names]).sum()
    )
    return [
        (str(name), float(share))
        for name, share in shares.sort_values(ascending=False, kind="stable").items()
    ]


def group(feature: str, columns: dict[str, str]) -> str:
    """The column that a feature of models.linkage.similarity measures; a feature of several columns is its own."""
    if feature in OVERALL:
        return feature
    measured = [name for name in columns if feature.endswith(f" {name}")]
    return max(measured, key=len) if measured else feature
