"""What earlier days of the same log teach: from customers' histories to what they spent afterwards.

Two questions are asked of it: how much (boosted trees, Tweedie), and who comes before whom. For the second the
target is a customer's place among all, 0 to 1: neither a few large buyers nor the many who don't come back rule it.
An earlier day sees younger customers than today, so the place is also learnt from features that are themselves
places among the customers of their day, by trees and by a ridge regression, and the three are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
FEATURES: Final = (
    "x", "t_x", "T", "gap", "mean", "largest", "last_amount", "spent_4", "times_4", "spent_13", "times_13",
    "spent_26", "times_26", "spent_52", "times_52", "foretold", "p_active", "purchase", "faded", "repeated_13",
    "pace", "unevenness", "overdue", "idle", "reach", "frequency", "pace_13", "pace_26",
)  # fmt: skip
TREES: Final = 200
SEEDS: Final = 2
RIDGE: Final = 0.003
HONEST: Final = 20_000
"""Up to so many rows their own forecasts come from models that never saw their customer; of more it is all one."""
PARAMETERS: Final[dict[str, Any]] = {
    "learning_rate": 0.03, "num_leaves": 8, "lambda_l2": 5.0, "feature_fraction": 0.7, "bagging_fraction": 0.7,
    "bagging_freq": 1, "verbose": -1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip

Day = tuple[pd.DataFrame, Floats]
"""Histories as of a day, and what each spent in the window after it."""


def told(
    days: Sequence[Day], now: pd.DataFrame, seed: int
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """What `now`'s customers will spend in the window, and their expected place (0 to 1); then the same of `days`' rows.

    Of few rows the latter are foretold by what was learnt from other customers: they wouldn't show how far off a
    forecast may be otherwise.
    """
    lesson = Lesson.of(days)
    whole = lesson.learnt(seed)
    amount, place = whole(_matrix(now))
    who = np.concatenate([rows.index.to_numpy(np.int64) for rows, _ in days])
    if len(who) > HONEST:
        return (amount, place), whole(lesson.raw, lesson.placed)
    past = np.empty(len(who)), np.empty(len(who))
    for half in (0, 1):
        out = _half(who, seed) == half
        found = lesson.part(~out).learnt(seed)(lesson.raw[out], lesson.placed[out])
        past[0][out], past[1][out] = found
    return (amount, place), past


@dataclass(frozen=True)
class Learnt:
    """Fitted models of amount and place."""

    amount: list[lgb.Booster]
    plain: list[lgb.Booster]
    relative: list[lgb.Booster]
    straight: Straight

    def __call__(self, raw: Floats, placed: Floats | None = None) -> tuple[Floats, Floats]:
        """Amount and place; `placed`: the features as places among the customers of their day."""
        placed = _places(raw) if placed is None else placed
        place = (_mean(self.plain, raw) + _mean(self.relative, placed) + self.straight(placed)) / 3
        return _mean(self.amount, raw), place


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from: features, the same as places, what was spent, and its place."""

    raw: Floats
    placed: Floats
    spent: Floats
    place: Floats

    @classmethod
    def of(cls, days: Sequence[Day]) -> Lesson:
        """All days' rows, one after the other."""
        raw = [_matrix(rows) for rows, _ in days]
        spent = [target for _, target in days]
        placed = np.vstack([_places(values) for values in raw])
        return cls(
            np.vstack(raw), placed, np.concatenate(spent), np.concatenate([place_of(y) for y in spent])
        )

    def part(self, kept: npt.NDArray[np.bool_]) -> Lesson:
        """Some of the rows."""
        return Lesson(self.raw[kept], self.placed[kept], self.spent[kept], self.place[kept])

    def learnt(self, seed: int) -> Learnt:
        """Models fitted to the rows."""
        seeds = [seed + k for k in range(SEEDS)]
        tweedie = {"objective": "tweedie", "tweedie_variance_power": 1.5}
        return Learnt(
            _boosted(self.raw, self.spent, tweedie, [seed]),
            _boosted(self.raw, self.place, {"objective": "l2"}, seeds),
            _boosted(self.placed, self.place, {"objective": "l2"}, seeds),
            Straight(self.placed, self.place),
        )


def place_of(values: Floats) -> Floats:
    """Each value's place among all, 0 to 1; equal values share the middle of theirs."""
    ranked: Floats = rankdata(values) / len(values)
    return ranked


def _matrix(rows: pd.DataFrame) -> Floats:
    weeks, pace = np.maximum(rows["T"], 1 / 7), rows["pace"]
    more = {
        "overdue": rows["gap"] / np.maximum(pace, 1 / 7),
        "idle": rows["gap"] / weeks,
        "reach": rows["t_x"] / weeks,
        "frequency": rows["x"] / np.maximum(rows["T"], 1),
        "pace_13": rows["spent_13"] / np.clip(rows["T"], 1, 13),
        "pace_26": rows["spent_26"] / np.clip(rows["T"], 1, 26),
    }
    return np.column_stack(
        [(more[name] if name in more else rows[name]).to_numpy(float) for name in FEATURES]
    )


def _places(values: Floats) -> Floats:
    return np.column_stack([place_of(np.nan_to_num(column, nan=-1.0)) for column in values.T])


def _boosted(x: Floats, y: Floats, more: dict[str, Any], seeds: Sequence[int]) -> list[lgb.Booster]:
    leaf = int(np.clip(len(x) / 100, 10, 200))
    parameters = PARAMETERS | more | {"min_data_in_leaf": leaf}
    return [
        lgb.train(parameters | {"seed": seed}, lgb.Dataset(x, y, free_raw_data=False), TREES)
        for seed in seeds
    ]


def _mean(models: list[lgb.Booster], x: Floats) -> Floats:
    found: Floats = np.mean([np.asarray(model.predict(x), float) for model in models], axis=0)
    return found


class Straight:
    """Ridge regression on places and their squares."""

    def __init__(self, x: Floats, y: Floats) -> None:
        self.middle, self.mean = x.mean(axis=0), float(y.mean())
        z = self._bent(x)
        bend = z.T @ z + RIDGE * len(z) * np.eye(z.shape[1])
        self.slope = np.linalg.solve(bend, z.T @ (y - self.mean))

    def __call__(self, x: Floats) -> Floats:
        """The expected target."""
        found: Floats = self.mean + self._bent(x) @ self.slope
        return found

    def _bent(self, x: Floats) -> Floats:
        off = x - self.middle
        return np.concatenate([off, off**2], axis=1)


def _half(who: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """Each customer's half, 0 or 1, the same on all days."""
    half: npt.NDArray[np.int64] = np.random.default_rng(seed).integers(0, 2, int(who.max()) + 1)[who]
    return half
