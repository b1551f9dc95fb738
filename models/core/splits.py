"""Past dates that train and judge a model, and folds by customer. Random row splits hide drift: none here."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.models import SnapshotSpec


@dataclass(frozen=True, slots=True)
class Split:
    """Snapshot dates that train and those that judge. `purged`: no training window reaches the first judging date."""

    train: tuple[date, ...]
    later: tuple[date, ...]
    purged: bool

    @property
    def dates(self) -> tuple[date, ...]:
        """Every date, oldest first."""
        return (*self.train, *self.later)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (earlier where negative), or the month's last; a month's end stays one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    ends = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if ends else min(day.day, last))


def month_end(day: date) -> date:
    """The last month's end at or before `day`."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day if day.day == last else date(day.year, day.month, 1) - timedelta(days=1)


def snapshot_dates(
    as_of: date, first_known: date, horizon_months: int, spec: SnapshotSpec
) -> tuple[date, ...]:
    """Month ends whose label window is complete at `as_of`, with enough history before them; oldest first.

    Month ends, because balances are stated then; and the same dates whichever day of the month training runs.
    """
    earliest = add_months(first_known, spec.min_history_months) - timedelta(days=1)
    last = add_months(month_end(as_of), -horizon_months)
    steps = range(spec.count + horizon_months // spec.every_months + spec.later)
    dates = [add_months(last, -i * spec.every_months) for i in steps]
    return tuple(d for d in reversed(dates) if d >= earliest)


def forward_split(dates: tuple[date, ...], horizon_months: int, spec: SnapshotSpec) -> Split:
    """The latest dates judge; at most `count` older ones train, with windows that end before judging begins.

    With overlap `other_customers` a history too short for that keeps all older dates (purged=False): the caller
    must then judge only customers who never trained.
    """
    later = dates[-spec.later :]
    older = dates[: -spec.later]
    clear = tuple(d for d in older if add_months(d, horizon_months) <= later[0]) if later else ()
    if clear or spec.overlap == "purge":
        return Split(clear[-spec.count :], later, purged=True)
    return Split(older[-spec.count :], later, purged=False)


def buckets(customers: npt.ArrayLike, number: int, seed: int) -> npt.NDArray[np.int64]:
    """A bucket 0 … number−1 for each customer id: the same one in every run, whatever else is in the sample."""
    hashed = pd.util.hash_array(np.asarray(customers, dtype=object), hash_key=f"{seed:016d}", categorize=True)
    bucket: npt.NDArray[np.int64] = (hashed % np.uint64(number)).astype(np.int64)
    return bucket
