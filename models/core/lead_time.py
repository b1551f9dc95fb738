"""How early those who leave are seen: from when they came to stand among the most at risk until they left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from models.core.metrics import NAN

TOP: Final = 0.1
"""The best-scored share that counts as warned of."""
BROKEN_AFTER: Final = timedelta(days=100)
"""Two looks at a customer further apart than this tell nothing of the time between."""


def lead_time(*looks: pd.DataFrame) -> dict[str, float]:
    """Days from when leavers came to the best-scored tenth and stayed there until they left (the median of those warned
    of), and the share of leavers who were in it at the last look before.

    Each look has customer_id, as_of, score, weight and gone_on (null: stays), of rows that the model didn't train on.
    Looks are as far apart as snapshots are, so the days are a lower bound.
    """
    seen = pd.concat([_warned(frame) for frame in looks], ignore_index=True)
    seen = seen[seen["gone_on"].notna()].sort_values(["customer_id", "gone_on", "as_of"])
    told = [_days(rows) for _, rows in seen.groupby(["customer_id", "gone_on"], sort=False)]
    warned = [days for days in told if days is not None]
    return {
        "lead_days_median": float(np.median(warned)) if warned else NAN,
        "leavers_warned": len(warned) / len(told) if told else NAN,
    }


def _warned(looks: pd.DataFrame) -> pd.DataFrame:
    """The looks with `top`: whether the row is among the best-scored tenth of its date, by weight."""
    ordered = looks.sort_values(["as_of", "score"], ascending=[True, False], kind="stable")
    by_date = ordered.groupby("as_of")["weight"]
    return ordered.assign(top=by_date.cumsum() <= TOP * by_date.transform("sum"))


def _days(rows: pd.DataFrame) -> int | None:
    """Days between the first look of the last unbroken stay in the top and leaving; None where it ended before."""
    entered: date | None = None
    last: date | None = None
    for day, top in zip(rows["as_of"], rows["top"], strict=True):
        if not top:
            entered = None
        elif entered is None or last is None or day - last > BROKEN_AFTER:
            entered = day
        last = day
    return None if entered is None else (rows["gone_on"].iloc[0] - entered).days
