from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from conf.models import SnapshotSpec
from models.core.backtest import rolling
from models.core.splits import add_months, buckets, forward_split, month_end, snapshot_dates

SPEC = SnapshotSpec(count=4, every_months=2, later=1, min_history_months=6)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2024, 3, 31)),
        (date(2024, 3, 15), -3, date(2023, 12, 15)),
        (date(2024, 12, 31), -6, date(2024, 6, 30)),
    ],
)
def test_a_months_end_stays_one(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_month_end_is_the_last_one_at_or_before_the_day() -> None:
    assert month_end(date(2024, 2, 29)) == date(2024, 2, 29)
    assert month_end(date(2024, 2, 28)) == date(2024, 1, 31)


def test_snapshots_have_history_before_and_a_whole_label_window_after() -> None:
    dates = snapshot_dates(date(2025, 1, 2), date(2023, 1, 1), 6, SPEC)
    assert dates[-1] == date(2024, 6, 30)
    assert dates[0] == date(2023, 6, 30)
    assert all(add_months(d, 6) <= date(2025, 1, 2) for d in dates)


def test_no_training_window_reaches_the_judging_date() -> None:
    split = forward_split(snapshot_dates(date(2024, 12, 31), date(2023, 1, 1), 6, SPEC), 6, SPEC)
    assert split.purged
    assert split.later == (date(2024, 6, 30),)
    assert split.train == (date(2023, 6, 30), date(2023, 8, 31), date(2023, 10, 31), date(2023, 12, 31))
    assert max(add_months(d, 6) for d in split.train) <= split.later[0]


def test_a_short_history_may_be_judged_on_other_customers_only_where_configured() -> None:
    dates = snapshot_dates(date(2024, 12, 31), date(2023, 1, 1), 12, SPEC)
    assert forward_split(dates, 12, SPEC).train == ()
    allowed = SPEC.model_copy(update={"overlap": "other_customers"})
    split = forward_split(dates, 12, allowed)
    assert not split.purged
    assert split.train
    assert max(split.train) < split.later[0]


def test_no_history_gives_no_split() -> None:
    dates = snapshot_dates(date(1994, 3, 30), date(1993, 12, 1), 6, SPEC)
    assert dates == ()
    assert forward_split(dates, 6, SPEC).train == ()


def test_a_customers_bucket_does_not_depend_on_the_others() -> None:
    some, more = np.array(["C2", "C9"]), np.array([f"C{i}" for i in range(100)])
    assert list(buckets(some, 5, seed=7)) == list(buckets(more, 5, seed=7)[[2, 9]])
    assert len(np.unique(buckets(more, 5, seed=7))) == 5


def test_each_origin_learns_only_from_windows_that_had_ended() -> None:
    dates = snapshot_dates(date(2024, 12, 31), date(2023, 1, 1), 6, SPEC)
    found = rolling(dates, 6, SPEC)
    assert [s.later for s in found] == [(d,) for d in dates if d >= add_months(dates[0], 6)]
    assert all(add_months(d, 6) <= s.later[0] for s in found for d in s.train)
    assert found[-1] == forward_split(dates, 6, SPEC)
    assert max(len(s.train) for s in found) <= SPEC.count


def test_without_a_window_that_had_ended_there_is_no_origin() -> None:
    assert rolling((date(2024, 1, 31), date(2024, 3, 31)), 6, SPEC) == []
