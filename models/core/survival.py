"""Survival in discrete time: who is still there after each period, from the hazard of each period.

h_j(x) = P(gone in period j | there at its start, x) and S(t_j) = Π_{i ≤ j} (1 − h_i) (Allison 1982; Singer and Willett
1993). One model gives every h_j: the period is its last feature. Survival can't rise, whatever the model says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from models.core.calibration import Calibration
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.core.scorer import Scorer

PERIOD: Final = "period"
"""The name of the model's last feature: the month in which a period ends."""


@dataclass(frozen=True, slots=True)
class Periods:
    """The months in which the periods end, rising (the last is the headline horizon), and for each what turns the raw
    probability of being gone by then into a calibrated one.
    """

    ends: tuple[int, ...]
    calibrations: tuple[Calibration, ...]

    def calibrated(self, gone: Matrix) -> Matrix:
        """Rows × periods of calibrated probabilities; a nearer horizon's is never above a farther one's.

        The last column stays as its own calibration gives it: it is the figure that everybody quotes.
        """
        each = [c.apply(gone[:, j]) for j, c in enumerate(self.calibrations)]
        return falling_back(np.column_stack(each))

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Periods:
        """The record of what `dataclasses.asdict` made."""
        maps = (Calibration(tuple(c["raw"]), tuple(c["real"])) for c in raw["calibrations"])
        return cls(tuple(map(int, raw["ends"])), tuple(maps))


@dataclass(frozen=True, slots=True)
class Hazard(Scorer):
    """A model of person-periods, asked about persons: `raw` is the probability of being gone by the last end."""

    ends: tuple[int, ...] = ()

    def gone(self, x: Matrix, threads: int = 1) -> Matrix:
        """Rows × periods: the uncalibrated probability of being gone by each period's end."""
        hazards = Scorer.raw(self, in_periods(x, self.ends), threads)
        return gone_by(hazards.reshape(len(x), len(self.ends)))

    def raw(self, x: Matrix, threads: int = 1) -> Floats:
        """The probability of being gone by the last period's end."""
        return self.gone(x, threads)[:, -1]

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each feature's part in the log-odds of the hazard, the mean over the periods."""
        told = Scorer.contributions(self, in_periods(x, self.ends))
        whole: Matrix = told.reshape(len(x), len(self.ends), -1).mean(axis=1)
        return whole[:, :-1]


def scorer_of(one: Scorer, periods: Periods | None) -> Scorer:
    """What says it: `one`, asked about persons where it is a model of person-periods."""
    if periods is None:
        return one
    return Hazard(one.trees, one.linear, one.boosted, one.anchor, periods.ends)


def in_periods(x: Matrix, ends: Sequence[int]) -> Matrix:
    """Each row once a period, in their order, with the period's end as a last column."""
    return np.column_stack([np.repeat(x, len(ends), axis=0), np.tile(np.asarray(ends, float), len(x))])


def gone_by(hazards: Matrix) -> Matrix:
    """Rows × periods: 1 − Π (1 − h), the probability of being gone by each period's end."""
    return np.asarray(1 - np.cumprod(1 - hazards, axis=1), dtype=np.float64)


def falling_back(gone: Matrix) -> Matrix:
    """The same with no nearer horizon above a farther one; the last column as it was."""
    return np.asarray(np.minimum.accumulate(gone[:, ::-1], axis=1)[:, ::-1], dtype=np.float64)


def monthly_hazards(gone: Matrix, ends: Sequence[int]) -> Matrix:
    """Rows × periods: the constant monthly hazard within each period that gives these probabilities.

    1 where nobody is left at the period's start.
    """
    there = 1 - np.column_stack([np.zeros(len(gone)), gone])
    months = np.diff([0, *ends])
    stays = np.divide(there[:, 1:], there[:, :-1], out=np.zeros(gone.shape), where=there[:, :-1] > 0)
    return np.asarray(1 - stays ** (1 / months))
