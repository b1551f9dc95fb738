"""Intervals of a value: where similar cases ended up, and a champion that remembers them."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.intervals import RECORD, Band, band, band_of, coverage
from models.core.metrics import Floats
from models.core.survival import Hazard, Periods

MONEY = hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e7, 1e7))


def cases(size: int, seed: int) -> tuple[Floats, Floats]:
    """Forecasts over four orders of magnitude, outcomes that scatter by a factor, wider for the small."""
    rng = np.random.default_rng(seed)
    expected = np.exp(rng.uniform(2, 11, size))
    spread = np.where(expected < 1000, 0.8, 0.2)
    return expected, expected * np.exp(rng.normal(0, 1, size) * spread)


def test_as_many_new_cases_lie_within_as_were_to_for_the_small_and_the_large() -> None:
    known = band(*cases(6_000, seed=0), share=0.9)
    expected, y = cases(6_000, seed=1)
    low, high = known.around(expected)
    for part in (expected < 500, expected > 5_000, expected > 0):
        assert coverage(y[part], low[part], high[part]) == pytest.approx(0.9, abs=0.03)
    small, large = (high - low) / expected, expected > 5_000
    assert np.median(small[~large]) > 2 * np.median(small[large])


@given(expected=MONEY, share=st.floats(0.51, 0.99))
def test_a_forecast_lies_within_its_interval_whatever_was_seen(expected: Floats, share: float) -> None:
    known = band(expected, expected[::-1].copy(), share)
    low, high = known.around(expected)
    assert ((low <= expected) & (expected <= high)).all()
    assert Band.from_json(json.loads(json.dumps(asdict(known)))) == known


@given(seed=st.integers(0, 50))
def test_a_larger_share_is_never_the_narrower_interval(seed: int) -> None:
    expected, y = cases(300, seed)
    (low_80, high_80), (low_95, high_95) = (band(expected, y, s).around(expected) for s in (0.8, 0.95))
    assert (low_95 <= low_80).all()
    assert (high_95 >= high_80).all()


def test_a_champion_comes_back_with_its_periods_and_its_band() -> None:
    known = band(*cases(200, seed=0), share=0.9)
    periods = Periods((1, 6), (Calibration((0.0, 1.0), (0.0, 0.5)), Calibration()))
    made = Champion(
        name="churn",
        version=3,
        as_of="2025-12-31",
        horizon_months=6,
        booster="",
        features=("a",),
        categories={},
        calibration=Calibration(),
        quantiles=(0.0, 1.0),
        metrics={},
        extra={RECORD: asdict(known)},
        periods=periods,
    )
    back = Champion.from_json(made.to_json(), 3)
    assert (back.periods, band_of(back)) == (periods, known)
    assert isinstance(back.scorer, Hazard)
    assert back.scorer.ends == (1, 6)
