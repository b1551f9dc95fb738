"""Amounts drawn towards places, the crowd that shares one, and intervals from earlier errors."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.btyd.interval import Errors
from models.btyd.order import FURTHEST, doubtful, ordered

AMOUNTS = arrays(np.float64, 50, elements=st.floats(0.01, 1e6))
PLACES = arrays(np.float64, 50, elements=st.floats(0, 1))


@given(AMOUNTS, PLACES)
def test_an_amount_is_moved_by_no_more_than_the_limit(amount: np.ndarray, place: np.ndarray) -> None:
    ratio = ordered(amount, place, -np.inf) / amount
    assert ratio.min() >= 1 / FURTHEST - 1e-9
    assert ratio.max() <= FURTHEST + 1e-9


@given(AMOUNTS, PLACES, st.floats(0, 1))
def test_the_crowd_shares_amounts_and_a_higher_place_in_it_never_gets_less(
    amount: np.ndarray, place: np.ndarray, limit: float
) -> None:
    found = ordered(amount, place, limit)
    crowd = (place < limit) & (amount < amount.mean())
    in_order = found[crowd][np.argsort(place[crowd], kind="stable")]
    assert (np.diff(in_order) >= -1e-9).all()
    assert len(np.unique(in_order)) <= 21


def test_doubtful_are_those_who_more_likely_bought_nothing() -> None:
    place = np.linspace(0, 1, 4000)
    spent = (np.random.default_rng(1).random(4000) < place).astype(float)
    assert abs(doubtful(place, spent) - 0.5) < 0.06
    assert doubtful(place, np.ones(4000)) == -np.inf


def test_intervals_hold_nine_in_ten_of_what_they_were_not_made_from() -> None:
    rng = np.random.default_rng(2)
    value = rng.gamma(1.0, 50.0, 20_000)
    spent = rng.poisson(value / 20) * rng.gamma(4, 5.0, 20_000)
    errors = Errors.of(value[:10_000], spent[:10_000])
    assert errors is not None
    low, high = errors.around(value[10_000:])
    assert (low <= value[10_000:]).all()
    assert (value[10_000:] <= high).all()
    assert 0.88 < ((spent[10_000:] >= low) & (spent[10_000:] <= high)).mean() < 0.95


def test_too_few_errors_make_no_interval() -> None:
    assert Errors.of(np.ones(50), np.ones(50)) is None
