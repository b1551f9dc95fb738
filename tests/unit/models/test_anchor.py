"""A value's trees begin at part of what is foretold beforehand: amounts beyond all that was seen are told as such."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from conf.models import LearnSpec
from models.core.anchor import Anchor, Start, anchored
from models.core.boosting import Cases, Learnt, learn
from models.core.metrics import spearman, total_bias
from models.core.splits import buckets

SPEC = LearnSpec(
    rounds=200, patience=10, folds=3, threads=1, params={"num_leaves": 7, "min_data_in_leaf": 20}
)
FEATURES = ("known", "other")


def cases(size: int = 2_000, seed: int = 0, largest: float = 3.5) -> Cases:
    """What a quarter brought, and the year: four times as much, times what the other feature does to it."""
    rng = np.random.default_rng(seed)
    known, other = np.exp(rng.uniform(0, largest, size)), rng.normal(size=size)
    y = 4 * known * np.exp(0.3 * other + 0.2 * rng.normal(size=size))
    return Cases(
        np.column_stack([known, other]), y, np.ones(size), np.array([f"C{i}" for i in range(size)], object)
    )


def learnt(given: Cases, start: Start | None) -> Learnt:
    fold = buckets(given.customers, SPEC.folds, SPEC.seed)
    return learn(
        given, fold, objective="log_value", features=FEATURES, categorical=[], spec=SPEC, start=start
    )


def test_whoever_is_beyond_all_that_was_seen_is_told_to_be() -> None:
    larger = cases(300, seed=1, largest=5.5)
    beyond = larger.x[:, 0] > np.exp(3.5)
    with_start, without = learnt(cases(), Start("known", 4.0)), learnt(cases(), None)
    order = [spearman(larger.y[beyond], m.scorer.raw(larger.x)[beyond]) for m in (with_start, without)]
    assert order[0] > 0.8 > order[1]


def test_the_calibrated_total_is_that_of_later_cases() -> None:
    model, later = learnt(cases(), Start("known", 4.0)), cases(seed=1)
    said = model.calibration.apply(model.scorer.raw(later.x))
    assert total_bias(later.y, said) == pytest.approx(0, abs=0.05)


def test_reasons_add_up_to_what_is_said() -> None:
    model, later = learnt(cases(), Start("known", 4.0)), cases(50, seed=1)
    rest = model.scorer.raw(later.x) - model.scorer.contributions(later.x).sum(axis=1)
    assert rest == pytest.approx(rest[0]), "what is left is the same for all: the mean"


def test_a_missing_amount_counts_as_none_and_without_the_feature_there_is_no_anchor() -> None:
    x = np.array([[np.nan, 1.0], [0.0, 1.0], [10.0, 1.0]])
    target, weight = np.arcsinh(np.array([0.0, 0.0, 40.0])), np.ones(3)
    anchor = anchored(Start("known", 4.0), FEATURES, x, target, weight)
    assert anchor is not None
    assert anchor.raw(x)[0] == anchor.raw(x)[1] < anchor.raw(x)[2]
    assert anchor.raw(x).mean() == pytest.approx(target.mean())
    assert anchored(Start("gone", 4.0), FEATURES, x, target, weight) is None
    assert Anchor.from_json(json.loads(json.dumps(asdict(anchor)))) == anchor
