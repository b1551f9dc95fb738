"""What earlier days of the same log teach: boosted trees from a customer's history to what they spent afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
FEATURES: Final = (
    "x", "t_x", "T", "gap", "mean", "largest", "last_amount", "spent_4", "times_4", "spent_13", "times_13",
    "spent_26", "times_26", "spent_52", "times_52", "foretold", "p_active", "purchase",
)  # fmt: skip
TREES: Final = 200
PARAMETERS: Final[dict[str, Any]] = {
    "learning_rate": 0.03, "num_leaves": 8, "lambda_l2": 5.0, "feature_fraction": 0.7, "bagging_fraction": 0.7,
    "bagging_freq": 1, "verbose": -1, "deterministic": True, "force_row_wise": True, "num_threads": 2,
}  # fmt: skip


def amounts(past: pd.DataFrame, spent: Floats, now: pd.DataFrame, seed: int) -> Floats:
    """What `now`'s customers will spend in a window as long as that in which `past`'s spent `spent` (Tweedie)."""
    return _learnt(past, spent, now, {"objective": "tweedie", "tweedie_variance_power": 1.5, "seed": seed})


def order(past: pd.DataFrame, spent: Floats, now: pd.DataFrame, seeds: Sequence[int]) -> Floats:
    """A figure that ranks `now`'s customers: the expected logarithm, which few large buyers don't rule."""
    told = [_learnt(past, np.log1p(spent), now, {"objective": "l2", "seed": seed}) for seed in seeds]
    mean: Floats = np.mean(told, axis=0)
    return mean


def _learnt(past: pd.DataFrame, target: Floats, now: pd.DataFrame, more: dict[str, Any]) -> Floats:
    leaf = int(np.clip(len(past) / 100, 10, 200))
    data = lgb.Dataset(past[list(FEATURES)].to_numpy(float), target)
    model = lgb.train(PARAMETERS | more | {"min_data_in_leaf": leaf}, data, TREES)
    return np.asarray(model.predict(now[list(FEATURES)].to_numpy(float)), float)
