"""The figures of a model on cases it never trained on, by kind of model, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.core import metrics
from models.core.bootstrap import DRAWS, Interval, Rows, intervals
from models.core.metrics import Floats
from models.core.trainable import Kind


@dataclass(frozen=True, slots=True)
class Scored:
    """Outcomes and what a model says of them: `raw` orders, `calibrated` has the level; `case` groups a ranking's rows."""

    y: Floats
    raw: Floats
    calibrated: Floats
    case: npt.NDArray[np.int64]

    @classmethod
    def of(cls, y: Floats, raw: Floats, calibrated: Floats | None = None) -> Scored:
        """Each row a case of its own; without a calibrated output the raw one is it."""
        return cls(y, raw, raw if calibrated is None else calibrated, np.arange(len(y)))

    def drawn(self, rows: Rows, number: Rows) -> Scored:
        """A resample: a case that was drawn twice counts as two."""
        case = number * (int(self.case.max(initial=0)) + 1) + self.case[rows]
        return Scored(self.y[rows], self.raw[rows], self.calibrated[rows], case)


Figure = Callable[[Scored], float]
VALUE: Final[Mapping[str, Figure]] = {
    "spearman": lambda s: metrics.spearman(s.y, s.raw),
    "mae": lambda s: metrics.mae(s.y, s.calibrated),
    "rmse": lambda s: metrics.rmse(s.y, s.calibrated),
    "total_bias": lambda s: metrics.total_bias(s.y, s.calibrated),
    "top_tenth_share": lambda s: metrics.top_share(s.y, s.raw),
}
PROBABILITY: Final[Mapping[str, Figure]] = {
    "auc": lambda s: metrics.auc(s.y, s.raw),
    "average_precision": lambda s: metrics.average_precision(s.y, s.raw),
    "lift_10": lambda s: metrics.lift_at(s.y, s.raw),
    "brier": lambda s: metrics.brier(s.y, s.calibrated),
    "calibration_error": lambda s: metrics.calibration_error(s.y, s.calibrated),
}
RANKING: Final[Mapping[str, Figure]] = {
    **PROBABILITY,
    "map_at_1": lambda s: metrics.map_at_k(s.case, s.y, s.raw, 1),
    "map_at_3": lambda s: metrics.map_at_k(s.case, s.y, s.raw, 3),
    "captured_10": lambda s: metrics.top_share((s.y > 0).astype(float), s.raw),
}
FIGURES: Final[dict[Kind, Mapping[str, Figure]]] = {
    "value": VALUE,
    "probability": PROBABILITY,
    "ranking": RANKING,
}
ERROR: Final[dict[Kind, str]] = {
    "probability": "calibration_error",
    "ranking": "calibration_error",
    "value": "total_bias",
}
"""Which figure the gate reads as the calibration error."""


def measured(kind: Kind, scored: Scored) -> dict[str, float]:
    """Every figure of the kind."""
    return {name: figure(scored) for name, figure in FIGURES[kind].items()}


def with_intervals(
    kind: Kind,
    scored: Scored,
    *,
    names: Iterable[str] | None = None,
    group: npt.NDArray[Any] | None = None,
    draws: int = DRAWS,
    seed: int = 7,
) -> dict[str, Interval]:
    """The named figures (default: every one) with bootstrap intervals of 95 %; rows of one `group` are drawn together.

    The calibration error of a resample is larger than that of all rows, so its interval lies high.
    """
    chosen = list(names or FIGURES[kind])

    def figures(rows: Rows, number: Rows) -> list[float]:
        part = scored.drawn(rows, number)
        return [FIGURES[kind][name](part) for name in chosen]

    found = intervals(figures, len(scored.y), group=group, draws=draws, seed=seed)
    return dict(zip(chosen, found, strict=True))


def ahead(
    kind: Kind,
    name: str,
    ours: Scored,
    other: Floats,
    *,
    group: npt.NDArray[Any] | None = None,
    draws: int = DRAWS,
    confidence: float = 0.95,
) -> Interval:
    """By how much our figure exceeds that of another's raw output on the same rows (paired bootstrap)."""
    theirs, figure = replace(ours, raw=other, calibrated=other), FIGURES[kind][name]

    def difference(rows: Rows, number: Rows) -> list[float]:
        return [figure(ours.drawn(rows, number)) - figure(theirs.drawn(rows, number))]

    return intervals(difference, len(ours.y), group=group, draws=draws, confidence=confidence)[0]
