"""A made-up table: who buys depends on income, channel and how long ago they called; sex only shows through a proxy."""

from __future__ import annotations

import numpy as np
import pandas as pd


def customers(size: int = 4_000, seed: int = 0) -> pd.DataFrame:
    """One row a customer and date, two years of them; `bought` is the label."""
    rng = np.random.default_rng(seed)
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 730, size)), unit="D")
    income = rng.lognormal(10, 0.5, size)
    channel = rng.choice(["app", "branch", "web"], size)
    sex = rng.choice(["F", "M"], size)
    gap = rng.integers(1, 400, size)
    margin = 1.6 * (np.log(income) - 10) + (channel == "app") - gap / 150 - 0.5
    return pd.DataFrame(
        {
            "as_of": day,
            "income": np.where(rng.random(size) < 0.1, np.nan, income),
            "channel": pd.Categorical(channel),
            "last_call": day - pd.to_timedelta(gap, unit="D"),
            "is_vip": rng.random(size) < 0.1,
            "bank": "one",
            "key": [f"C{i}" for i in range(size)],
            "shoes": np.where(sex == "F", 38, 43) + rng.normal(0, 1.5, size),
            "sex": sex,
            "age": rng.integers(18, 90, size),
            "bought": rng.random(size) < 1 / (1 + np.exp(-margin)),
        }
    )
