from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from conf.models import LearnSpec
from conf.search import Range, SearchSpec
from models.core.boosting import Learnt, learn
from models.core.splits import buckets
from tests.unit.models.test_learning import cases

Params = dict[str, float | int | str | bool]
POOR: Params = {"num_leaves": 2, "learning_rate": 0.001, "min_data_in_leaf": 400}
"""So slow and so coarse that nearly any trial is better."""


def spec(space: dict[str, Range] | None = None, params: Params | None = None, **asked: Any) -> LearnSpec:
    search = SearchSpec.model_validate({**({"space": space} if space else {}), **asked})
    return LearnSpec(rounds=40, patience=5, folds=3, threads=1, params=params or POOR, search=search)


def learnt(how: LearnSpec) -> Learnt:
    given = cases(1_500)
    fold = buckets(given.customers, how.folds, how.seed)
    return learn(given, fold, objective="binary", features=["a", "b", "c"], categorical=[], spec=how)


def log_loss(model: Learnt) -> float:
    y = cases(1_500).y
    return float(-np.mean(y * np.log(model.unseen) + (1 - y) * np.log(1 - model.unseen)))


def test_without_time_nothing_is_searched_for() -> None:
    assert learnt(spec()).found is None


def test_it_finds_better_parameters_than_poor_ones_and_learns_with_them() -> None:
    as_configured, model = learnt(spec()), learnt(spec(seconds=600, trials=8))
    assert model.found is not None
    assert model.found.trials == 8
    assert model.found.configured == pytest.approx(log_loss(as_configured), abs=1e-9)
    assert model.found.loss == pytest.approx(log_loss(model), abs=1e-9)
    assert model.found.loss < model.found.configured - 0.05
    assert set(model.found.params) == set(SearchSpec().space)
    assert f"[num_leaves: {model.found.params['num_leaves']}]" in model.booster


def test_the_same_seed_and_trials_find_the_same() -> None:
    first, second = (learnt(spec(seconds=600, trials=6)) for _ in range(2))
    assert first.found is not None
    assert second.found is not None
    assert (first.found.params, first.booster) == (second.found.params, second.booster)


def test_where_nothing_is_better_the_configured_parameters_stay() -> None:
    worse = {"lambda_l1": Range(low=1e4, high=1e5)}
    good: Params = {"num_leaves": 7, "min_data_in_leaf": 20}
    model = learnt(spec(worse, good, seconds=600, trials=3))
    assert model.found is not None
    assert (model.found.params, model.found.loss) == ({}, model.found.configured)
    assert model.unseen.tolist() == learnt(spec(params=good)).unseen.tolist()


def test_a_budget_that_is_over_at_once_still_weighs_the_configured_parameters() -> None:
    model = learnt(spec(seconds=1e-6))
    assert model.found is not None
    assert model.found.trials <= 1
    assert np.isfinite(model.found.configured)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"space": {"num_leaves": {"low": 9, "high": 9}}}, "must lie under high"),
        ({"space": {"lambda_l2": {"low": 0, "high": 9, "log": True}}}, "must begin above 0"),
        ({"space": {"num_leaves": {"low": 2.5, "high": 9, "whole": True}}}, "needs whole ends"),
        ({"space": {"max_bin": {"low": 2, "high": 9}}}, "max_bin can't be searched for"),
        ({"second": 5}, "second"),
    ],
)
def test_a_search_that_cannot_be_is_refused_with_its_key(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SearchSpec.model_validate(given)
