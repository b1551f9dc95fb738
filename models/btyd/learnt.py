"""What earlier days of the same log teach: from customers' histories to what they spent afterwards.

Two questions are asked of it: how much (boosted trees, Tweedie), and who comes before whom. For the second the
target is a customer's place among all, 0 to 1: neither a few large buyers nor the many who don't come back rule it.
An earlier day sees younger customers than today, so the place is also learnt from features that are themselves
places among the customers of their day, by trees and by a ridge regression, and the three are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
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
PARAMETERS: Final[dict[str, Any]] = {
    "learning_rate": 0.03, "num_leaves": 8, "lambda_l2": 5.0, "feature_fraction": 0.7, "bagging_fraction": 0.7,
    "bagging_freq": 1, "verbose": -1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip

Day = tuple[pd.DataFrame, Floats]
"""Histories as of a day, and what each spent in the window after it."""


def told(days: Sequence[Day], asked: Sequence[pd.DataFrame], seed: int) -> list[tuple[Floats, Floats]]:
    """For each frame of `asked`: what its customers will spend in the window, and their expected place (0 to 1)."""
    raw = [_matrix(rows) for rows, _ in days]
    placed = [_places(values) for values in raw]
    wanted = [_matrix(rows) for rows in asked]
    spent = np.concatenate([target for _, target in days])
    place = np.concatenate([place_of(target) for _, target in days])
    amount = _boosted(np.vstack(raw), spent, {"objective": "tweedie", "tweedie_variance_power": 1.5}, [seed])
    seeds = [seed + k for k in range(SEEDS)]
    plain = _boosted(np.vstack(raw), place, {"objective": "l2"}, seeds)
    relative = _boosted(np.vstack(placed), place, {"objective": "l2"}, seeds)
    straight = Straight(np.vstack(placed), place)
    found = []
    for values in wanted:
        among = _places(values)
        mean = (_mean(plain, values) + _mean(relative, among) + straight(among)) / 3
        found.append((_mean(amount, values), mean))
    return found


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
