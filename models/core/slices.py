"""The later window in parts: by group of people, by kind of item, by fifth of the score; what was foretold and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.core.bootstrap import Interval
from models.core.evaluation import Scored, with_intervals
from models.core.metrics import NAN
from models.core.trainable import Kind

FEWEST: Final = 100
"""Rows below which a part is counted and not measured."""
DRAWS: Final = 100
FIFTHS: Final = "fifth of the score"
UNKNOWN: Final = Interval(NAN, NAN, NAN)


@dataclass(frozen=True, slots=True)
class Slice:
    """One group of one attribute. observed, foretold: means of outcome and calibrated output, in the label's unit.

    `figure`: the gate's metric within the group, with its 95 % interval; nan where the group is too small or it can't be
    told there.
    """

    attribute: str
    group: str
    rows: int
    observed: float
    foretold: float
    figure: Interval


def slices(
    kind: Kind, metric: str, scored: Scored, named: Mapping[str, npt.NDArray[Any]], draws: int = DRAWS
) -> list[Slice]:
    """Each group of each attribute, then each fifth of the score, lowest first."""
    found = [
        _slice(kind, metric, scored, attribute, group, rows, draws)
        for attribute, values in named.items()
        for group, rows in _groups(values)
    ]
    fifths = np.array_split(np.argsort(scored.raw, kind="stable"), 5) if len(scored.y) else []
    return found + [_means(scored, FIFTHS, str(i), rows, UNKNOWN) for i, rows in enumerate(fifths, start=1)]


def _groups(values: npt.NDArray[Any]) -> list[tuple[str, npt.NDArray[np.int64]]]:
    told = np.array(["not stated" if v is None or v != v else str(v) for v in values], dtype=object)  # noqa: PLR0124 - nan
    return [(name, np.flatnonzero(told == name)) for name in sorted(set(told))]


def _slice(
    kind: Kind,
    metric: str,
    scored: Scored,
    attribute: str,
    group: str,
    rows: npt.NDArray[np.int64],
    draws: int,
) -> Slice:
    if len(rows) < FEWEST:
        return Slice(attribute, group, len(rows), NAN, NAN, UNKNOWN)
    part = Scored(scored.y[rows], scored.raw[rows], scored.calibrated[rows], scored.case[rows])
    figure = with_intervals(kind, part, names=[metric], draws=draws)[metric]
    return _means(scored, attribute, group, rows, figure)


def _means(
    scored: Scored, attribute: str, group: str, rows: npt.NDArray[np.int64], figure: Interval
) -> Slice:
    if not len(rows):
        return Slice(attribute, group, 0, NAN, NAN, UNKNOWN)
    seen, said = float(scored.y[rows].mean()), float(scored.calibrated[rows].mean())
    return Slice(attribute, group, len(rows), seen, said, figure)
