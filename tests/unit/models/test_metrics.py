from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from models.core import metrics
from models.core.metrics import Floats

OUTCOMES = arrays(np.float64, 40, elements=st.sampled_from([0.0, 1.0]))
SCORES = arrays(np.float64, 40, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9]))


@given(OUTCOMES, SCORES)
def test_auc_and_average_precision_agree_with_sklearn_ties_included(y: Floats, score: Floats) -> None:
    if 0 < y.sum() < len(y):
        assert metrics.auc(y, score) == pytest.approx(roc_auc_score(y, score))
        assert metrics.average_precision(y, score) == pytest.approx(average_precision_score(y, score))


def test_what_is_not_defined_is_nan() -> None:
    one_class = np.zeros(3)
    assert math.isnan(metrics.auc(one_class, np.arange(3.0)))
    assert math.isnan(metrics.average_precision(one_class, np.arange(3.0)))
    assert math.isnan(metrics.lift_at(one_class, np.arange(3.0)))
    assert math.isnan(metrics.spearman(np.ones(3), np.arange(3.0)))
    assert math.isnan(metrics.total_bias(np.zeros(2), np.ones(2)))
    assert math.isnan(metrics.map_at_k(np.array([0, 0]), np.zeros(2), np.arange(2.0)))


def test_lift_is_the_rate_of_the_best_tenth_over_the_rate_of_all() -> None:
    y = np.array([1.0, *[0.0] * 8, 1.0])
    assert metrics.lift_at(y, np.arange(10.0, 0, -1)) == pytest.approx(1 / 0.2)


def test_calibration_error_is_the_gap_between_said_and_seen() -> None:
    y = np.array([0.0, 0.0, 0.0, 1.0] * 10)
    assert metrics.calibration_error(y, np.full(40, 0.25), bins=1) == pytest.approx(0)
    assert metrics.calibration_error(y, np.full(40, 0.75), bins=1) == pytest.approx(0.5)


def test_spearman_does_not_mind_the_scale() -> None:
    y = np.array([1.0, 5.0, 2.0, 9.0])
    assert metrics.spearman(y, np.exp(y)) == pytest.approx(1)
    assert metrics.spearman(y, -y) == pytest.approx(-1)


def test_total_bias_and_top_share() -> None:
    y, said = np.array([90.0, *[1.0] * 9, 1.0]), np.array([80.0, *[1.0] * 10])
    assert metrics.total_bias(y, said) == pytest.approx(-0.1)
    assert metrics.top_share(y, said, share=0.1) == pytest.approx(0.9)


def test_map_at_k_counts_the_first_k_of_each_case_that_took_something() -> None:
    case = np.array([1, 1, 1, 2, 2, 2, 3])
    y = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    score = np.array([0.9, 0.5, 0.1, 0.9, 0.5, 0.1, 1.0])
    first = 1 / 2
    second = (1 / 1 + 2 / 3) / 2
    assert metrics.map_at_k(case, y, score, k=3) == pytest.approx((first + second) / 2)
    assert metrics.map_at_k(case, y, score, k=1) == pytest.approx((0 + 1) / 2)


def test_psi_is_nought_for_the_same_sample_and_large_for_a_shifted_one() -> None:
    sample = np.random.default_rng(0).normal(size=5_000)
    assert metrics.psi(sample, sample) == pytest.approx(0)
    assert metrics.psi(sample, sample + 1) > 0.25
