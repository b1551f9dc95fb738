"""How a model's features and scores lay when it was promoted: what a later day is held against.

Bounded whatever trained: some fifty edges each, rounded to three significant figures, and shares. No row, and no extreme
that would be one customer's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.core.metrics import Floats
from models.core.steps import Steps, steps

SCORE: Final = "score"
"""The subject that is the model's own raw output; the others are its features."""
EDGES: Final = 50
ROWS_PER_EDGE: Final = 20
"""So many rows lie between two edges at least, unless values repeat."""
PSI_SHARE: Final = 0.1
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Reference:
    """One subject's distribution.

    `edges` are steps (models.core.steps), ascending. `shares` of the rows with a value: below the first edge, at it,
    between it and the second, …; one more than twice the edges, adding up to 1. `missing`: the share of all rows
    without a value. `rows`: how many were counted.
    """

    edges: tuple[int, ...]
    shares: tuple[float, ...]
    missing: float
    rows: int

    @classmethod
    def of(cls, values: Floats, weight: Floats | None = None) -> Reference:
        """The distribution of the finite `values`; others are missing. `weight` of each row, 1 if not given."""
        heavy, known = np.ones(len(values)) if weight is None else weight, np.isfinite(values)
        found, mass = steps(values[known]), heavy[known]
        edges = _edges(found, mass)
        counts = np.bincount(_cells(found, edges), weights=mass, minlength=2 * len(edges) + 1)
        shares = np.round(counts / max(mass.sum(), 1e-12), DIGITS)
        missing = 1 - mass.sum() / heavy.sum() if heavy.sum() else 0.0
        return cls(
            tuple(map(int, edges)), tuple(map(float, shares)), round(float(missing), DIGITS), len(values)
        )

    @property
    def bins(self) -> tuple[int, ...]:
        """The bin of each share for the stability index: neighbours together until they hold a tenth.

        A share of a tenth or more stands alone, so that leaving one frequent value shows on either side of it.
        """
        found, number, held, begun = [], 0, 0.0, False
        for share in self.shares:
            if begun and (held >= PSI_SHARE or share >= PSI_SHARE):
                number, held = number + 1, 0.0
            found.append(number)
            held, begun = held + share, True
        return tuple(found)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Reference:
        """Inverse of dataclasses.asdict and JSON."""
        return cls(tuple(raw["edges"]), tuple(raw["shares"]), raw["missing"], raw["rows"])


def references(
    x: Floats, weight: Floats, features: Sequence[str], later_scores: Floats
) -> dict[str, Reference]:
    """Of every feature as it trained (rows × features, weighted), and of the scores of the later window.

    Scores of rows that trained are more extreme than those of others, so the score's reference are rows that didn't.
    """
    found = {n: Reference.of(x[:, i], weight) for i, n in enumerate(features) if n != SCORE}
    return {**found, SCORE: Reference.of(later_scores)}


def _edges(found: Steps, mass: Floats) -> Steps:
    if not len(found) or not mass.sum():
        return np.empty(0, dtype=np.int64)
    number = int(np.clip(len(found) // ROWS_PER_EDGE, 1, EDGES))
    order = np.argsort(found, kind="stable")
    reached = np.cumsum(mass[order]) / mass.sum()
    places = np.searchsorted(reached, np.arange(1, max(2, number)) / max(2, number) - 1e-12)
    return np.unique(found[order][np.minimum(places, len(found) - 1)])


def _cells(found: Steps, edges: Steps) -> Steps:
    """Twice the edges below a value, plus one where it is an edge itself."""
    below = np.searchsorted(edges, found, side="left")
    at = np.searchsorted(edges, found, side="right") - below
    cells: Steps = (2 * below + at).astype(np.int64)
    return cells
