from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pytest

from conf.models import LearnSpec
from models.core.boosting import Cases, Learnt, Objective, learn, parameters, predict
from models.core.calibration import Calibration, isotonic
from models.core.encoding import categories_of, code, matrix, varied
from models.core.explanations import reasons
from models.core.metrics import auc, calibration_error, spearman, total_bias
from models.core.splits import buckets

SPEC = LearnSpec(rounds=60, patience=10, folds=3, threads=1, params={"num_leaves": 7, "min_data_in_leaf": 20})


def cases(size: int = 3_000, seed: int = 0) -> Cases:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, 3))
    y = (rng.random(size) < 1 / (1 + np.exp(2 - 1.5 * x[:, 0] + x[:, 1]))).astype(float)
    return Cases(x, y, np.ones(size), np.array([f"C{i}" for i in range(size)], dtype=object))


def learnt(given: Cases, objective: Objective = "binary") -> Learnt:
    fold = buckets(given.customers, SPEC.folds, SPEC.seed)
    return learn(given, fold, objective=objective, features=["a", "b", "c"], categorical=[], spec=SPEC)


def test_it_learns_and_its_calibrated_output_is_a_probability_of_later_cases() -> None:
    model, later = learnt(cases()), cases(seed=1)
    raw = predict(model.booster, later.x)
    assert auc(later.y, raw) > 0.8
    assert calibration_error(later.y, model.calibration.apply(raw)) < 0.03


def test_the_same_rows_and_seed_give_the_same_model() -> None:
    first, second = learnt(cases()), learnt(cases())
    assert (first.booster, first.calibration) == (second.booster, second.calibration)


def test_our_parameters_yield_to_the_configured_but_never_determinism() -> None:
    made = parameters("binary", SPEC.model_copy(update={"params": {"num_leaves": 5, "deterministic": False}}))
    assert (made["num_leaves"], made["deterministic"]) == (5, True)


def test_weights_make_up_for_left_out_negatives() -> None:
    full = cases(6_000)
    keep = (full.y > 0) | (np.arange(len(full)) % 4 == 0)
    part = full.where(keep)
    weighted = Cases(part.x, part.y, np.where(part.y > 0, 1.0, 4.0), part.customers)
    model = learnt(weighted)
    said = model.calibration.apply(predict(model.booster, full.x))
    assert said.mean() == pytest.approx(full.y.mean(), rel=0.1)


def test_isotonic_is_monotone_and_outside_of_it_the_ends_hold() -> None:
    fitted = isotonic(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0]))
    at = fitted.apply(np.array([-1.0, 0.1, 0.25, 0.4, 9.0]))
    assert list(np.diff(at) >= 0) == [True] * 4
    assert (at[0], at[-1]) == (at[1], at[3])
    assert list(Calibration().apply(np.array([0.3]))) == [0.3]


def test_text_is_coded_by_its_place_and_the_unknown_is_missing() -> None:
    train = pa.table({"kind": ["b", "a", None], "n": [1, 2, None]})
    categories = categories_of(train, ["kind", "n"])
    assert categories == {"kind": ("a", "b")}
    coded = matrix(code(pa.table({"kind": ["a", "zzz", None], "n": [1, None, 3]}), categories), ["kind", "n"])
    np.testing.assert_array_equal(coded, [[0, 1], [np.nan, np.nan], [np.nan, 3]])


def test_reasons_are_the_largest_contributions_and_add_up_to_the_margin() -> None:
    given = cases()
    model = learnt(given)
    booster, scorer = lgb.Booster(model_str=model.booster), model.scorer
    told = reasons(scorer, given.x[:5], ["a", "b", "c"], {}, number=3)
    bias = np.asarray(booster.predict(given.x[:5], pred_contrib=True))[:, -1]
    margin = np.asarray(booster.predict(given.x[:5], raw_score=True))
    for row, why in enumerate(told):
        sizes = [abs(r["contribution"]) for r in why]
        assert sizes == sorted(sizes, reverse=True)
        assert sum(r["contribution"] for r in why) + bias[row] == pytest.approx(margin[row])
    assert reasons(scorer, given.x[:0], ["a", "b", "c"], {}, number=3) == []


def test_heavy_tailed_values_are_ordered_and_their_total_is_kept() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(8_000, 3))
    y = np.exp(4 + 1.5 * x[:, 0]) * rng.lognormal(0, 0.3, len(x))
    given = Cases(x, y, np.ones(len(y)), np.array([f"C{i}" for i in range(len(y))], dtype=object))
    train, later = given.where(np.arange(8_000) < 6_000), given.where(np.arange(8_000) >= 6_000)
    model = learnt(train, objective="log_value")
    raw = predict(model.booster, later.x)
    assert spearman(later.y, raw) > 0.9
    assert abs(total_bias(later.y, model.calibration.apply(raw))) < 0.1


def test_what_never_varied_in_training_is_no_feature() -> None:
    rows = pa.table(
        {
            "zero": [0.0, 0.0, 0.0],
            "missing": pa.array([None, None, None], pa.float64()),
            "seldom": [None, 1.0, None],
            "number": [1.0, 2.0, 3.0],
            "kind": ["a", "a", None],
        }
    )
    assert varied(rows, rows.column_names) == ["seldom", "number", "kind"]
