"""What is known of each customer as of a day: a log summed up, from nothing later."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.btyd.bgnbd import History
from models.btyd.log import WEEK

Floats = npt.NDArray[np.float64]
WINDOWS: Final = (4, 13, 26, 52)
HALVES: Final = 91.0
"""Days after which spending counts half in `faded`."""


def summary(log: pd.DataFrame, until: int) -> pd.DataFrame:
    """One row a customer who bought by the day `until` (inclusive), by customer.

    `log`: customer, day, amount, one row a customer and day. A day whose sum is below 0 is a return and no purchase;
    one whose sum is 0 is a purchase of nothing. Columns: x repeat purchases, t_x and T weeks from the first purchase to
    the last and to `until`, n purchases, mean amount, largest, last_amount, spent_w and times_w in the last w weeks,
    repeated_13 without the first purchase, faded (spending, halved each 13 weeks), pace (weeks between purchases)
    and unevenness (its coefficient of variation); NaN where too few purchases say.
    """
    seen = log[(log["day"].to_numpy() <= until) & (log["amount"].to_numpy() >= 0)]
    seen = seen.sort_values(["customer", "day"])
    who, day = seen["customer"].to_numpy(), seen["day"].to_numpy(np.float64)
    amount = seen["amount"].to_numpy(np.float64)
    if not len(seen):
        return pd.DataFrame(columns=["x", "t_x", "T", "n", "mean"], dtype=float)
    starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    ends = np.r_[starts[1:], len(who)] - 1
    n = (ends - starts + 1).astype(float)
    first, last = day[starts], day[ends]
    made = pd.DataFrame(
        {
            "x": n - 1,
            "t_x": (last - first) / WEEK,
            "T": (until - first) / WEEK,
            "n": n,
            "mean": np.add.reduceat(amount, starts) / n,
            "largest": np.maximum.reduceat(amount, starts),
            "last_amount": amount[ends],
            "faded": np.add.reduceat(amount * np.exp2((day - until) / HALVES), starts),
        },
        index=pd.Index(who[starts], name="customer"),
    )
    for weeks in WINDOWS:
        inside = day > until - weeks * WEEK
        made[f"spent_{weeks}"] = np.add.reduceat(amount * inside, starts)
        made[f"times_{weeks}"] = np.add.reduceat(inside.astype(float), starts)
    made["repeated_13"] = made["spent_13"] - np.where(first > until - 13 * WEEK, amount[starts], 0.0)
    return made.assign(**_rhythm(day, starts, made["x"].to_numpy()))


def _rhythm(day: Floats, starts: npt.NDArray[np.int64], x: Floats) -> dict[str, Floats]:
    gaps = np.diff(day, prepend=day[:1]) / WEEK
    gaps[starts] = 0.0
    total, squares = np.add.reduceat(gaps, starts), np.add.reduceat(gaps**2, starts)
    pace = np.where(x > 0, total / np.maximum(x, 1), np.nan)
    spread = np.sqrt(np.maximum(squares / np.maximum(x, 1) - pace**2, 0))
    return {"pace": pace, "unevenness": np.where(x > 1, spread / np.maximum(pace, 1e-9), np.nan)}


def spent(log: pd.DataFrame, customers: pd.Index, after: int, until: int) -> Floats:
    """What each of `customers` spent after the day `after`, up to `until` inclusive, net of returns; never under 0."""
    day = log["day"].to_numpy()
    inside = log[(day > after) & (day <= until)]
    total = inside.groupby("customer")["amount"].sum().reindex(customers).fillna(0.0)
    return np.asarray(total.clip(lower=0), float)


def history(rows: pd.DataFrame) -> History:
    """The three figures that BG/NBD needs."""
    return History(rows["x"].to_numpy(float), rows["t_x"].to_numpy(float), rows["T"].to_numpy(float))
