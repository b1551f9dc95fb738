from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conf.models import ChurnSpec, GateSpec
from models.core import table
from models.core.evaluation import Scored, ahead, with_intervals
from models.core.fairness import by_group, gaps, proportion
from models.core.gate import judge
from tests.unit.models.frames import customers
from tests.unit.models.test_gate import GOOD
from tests.unit.models.test_table import QUICK


def two_groups(off: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, probabilities that are `off` too high for women, and sex; 6,000 rows."""
    rng = np.random.default_rng(1)
    true, sex = rng.uniform(0.05, 0.5, 6_000), rng.choice(["F", "M"], 6_000)
    y = (rng.random(6_000) < true).astype(float)
    return y, true + off * (sex == "F"), sex


def test_rates_of_a_group_are_as_counted_by_hand() -> None:
    y = np.array([1.0, 0, 0, 0] * 50 + [1.0, 1, 0, 0] * 50)
    said = np.array([0.9, 0.1, 0.1, 0.1] * 50 + [0.2, 0.8, 0.1, 0.1] * 50)
    groups = by_group(y, said, {"sex": np.array(["F"] * 200 + ["M"] * 200)}, selected=0.25, least=100)
    women, men = groups
    assert (women.rows, women.cases, men.cases) == (200, 50, 100)
    assert (women.selection.value, men.selection.value) == (0.25, 0.25)
    assert (women.tpr.value, men.tpr.value, women.fpr.value) == (1.0, 0.5, 0.0)
    assert women.calibration.value == pytest.approx(0.3 - 0.25)


def test_a_group_too_small_or_not_stated_is_counted_and_not_judged() -> None:
    y, said, sex = two_groups(0)
    marked = sex.astype(object)
    marked[:30], marked[30:60] = "X", None
    found = {g.group: g for g in by_group(y, said, {"sex": marked})}
    assert not found["X"].judged
    assert math.isnan(found["X"].selection.value)
    assert found["not stated"].rows == 30
    assert {g.high for g in gaps(list(found.values()))} <= {"F", "M"}


def test_of_a_value_the_cases_are_the_most_valuable_and_calibration_is_by_the_mean_of_all() -> None:
    # The best tenth of outcomes: 20 women and 20 men. Foretold rightly of women; of men the wrong twenty are on top.
    y = np.array([100.0] * 20 + [10.0] * 180 + [100.0] * 20 + [10.0] * 180)
    said = np.array([100.0] * 20 + [10.0] * 180 + [12.0] * 20 + [100.0] * 20 + [12.0] * 160)
    groups = by_group(y, said, {"sex": np.array(["F"] * 200 + ["M"] * 200)}, selected=0.1, of_value=True)
    women, men = groups
    assert (women.cases, men.cases) == (20, 20)
    assert (women.tpr.value, men.tpr.value) == (1.0, 0.0)
    assert women.fpr.value == 0.0
    assert men.fpr.value == pytest.approx(20 / 180)
    assert women.calibration.value == 0.0
    over = ((12 - 100) * 20 + (100 - 10) * 20 + (12 - 10) * 160) / 200
    assert men.calibration.value == pytest.approx(over / y.mean())


def test_a_value_foretold_too_high_of_one_group_is_a_sure_gap() -> None:
    rng = np.random.default_rng(2)
    y, sex = rng.lognormal(3, 1, 4_000), rng.choice(["F", "M"], 4_000)
    for much, unfair in ((1.0, False), (1.5, True)):
        said = y * rng.lognormal(0, 0.2, 4_000) * np.where(sex == "F", much, 1.0)
        found = {g.measure: g for g in gaps(by_group(y, said, {"sex": sex}, of_value=True))}
        assert (found["calibration"].sure > 0.25) is unfair


def test_a_gap_is_sure_only_beyond_chance() -> None:
    for off, unfair in ((0.0, False), (0.15, True)):
        y, said, sex = two_groups(off)
        found = {g.measure: g for g in gaps(by_group(y, said, {"sex": sex}))}
        assert (found["calibration"].sure > 0.05) is unfair
        verdict = judge("m", GateSpec(metric="auc"), replace(GOOD, gaps=list(found.values())))
        assert verdict.promoted is not unfair
        if unfair:
            assert verdict.reason.startswith("is not fair:")
            assert "by sex differs" in verdict.reason


def test_wilson_is_as_published() -> None:
    found = proportion(81, 263)
    assert found.low == pytest.approx(0.2553, abs=1e-4)
    assert found.high == pytest.approx(0.3662, abs=1e-4)


def test_a_proxy_is_named_and_the_attribute_is_no_feature() -> None:
    model = table.train(customers(), label="bought", sensitive=("sex",), spec=QUICK)
    [sex] = model.proxies
    assert "sex" not in model.columns.features
    assert sex.auc > 0.95
    assert sex.features[0][0] == "shoes"
    assert sex.features[1][1] < 0.6


def test_a_sensitive_attribute_trains_only_with_a_reason() -> None:
    model = table.train(
        customers(1_000),
        label="bought",
        sensitive=("age",),
        used={"age": "the product is for adults over 50"},
        spec=QUICK,
    )
    assert "age" in model.columns.features
    assert model.evaluation is not None
    assert {g.group for g in model.evaluation.groups} <= {
        "under 25", "25 to 34", "35 to 44", "45 to 59", "60 and over"
    }  # fmt: skip


def churn(**sections: Any) -> ChurnSpec:
    return ChurnSpec.model_validate({"horizon_months": 6, "gate": {"metric": "auc"}, **sections})


def test_the_books_configuration_says_why_or_leaves_it_out() -> None:
    groups = {"sex": "case is_woman when 1 then 'woman' end"}
    ((path, why),) = churn(fairness={"groups": groups}).problems(())
    assert path == ("fairness", "groups", "sex")
    assert "is_woman tells groups of people apart and would train" in why
    with pytest.raises(ValueError, match="say for which reason"):
        churn(fairness={"groups": groups, "used": {"is_woman": ""}})
    used = churn(fairness={"groups": groups, "used": {"is_woman": "pregnancy cover"}})
    left_out = churn(fairness={"groups": groups}, learn={"excluded": ["is_wom*"]})
    assert [*used.problems(()), *left_out.problems(())] == []


def test_what_is_marked_sensitive_trains_only_with_a_reason() -> None:
    groups = {"sex": "case is_woman when 1 then 'woman' end"}
    spec = churn(
        fairness={"groups": groups, "used": {"age": "by law"}}, learn={"excluded": ["postcode*"]}
    ).barring({"is_woman", "age", "is_married"})
    assert spec.learn.excluded == ("postcode*", "is_married", "is_woman")
    with pytest.raises(ValueError, match=r"fairness\.groups\.sex: is_woman tells"):
        churn(fairness={"groups": groups}).barring({"age"})


def test_the_interval_of_a_figure_holds_it_and_narrows_with_rows() -> None:
    rng = np.random.default_rng(2)
    wide = {}
    for size in (200, 5_000):
        y = (rng.random(size) < 0.3).astype(float)
        found = with_intervals(
            "probability", Scored.of(y, np.clip(0.3 + 0.2 * y + rng.normal(0, 0.2, size), 0, 1))
        )
        assert found["auc"].low < found["auc"].value < found["auc"].high
        wide[size] = found["auc"].high - found["auc"].low
    assert wide[5_000] < wide[200] / 3


def test_a_lead_is_measured_on_the_same_rows_so_small_ones_show() -> None:
    rng = np.random.default_rng(3)
    y = (rng.random(4_000) < 0.3).astype(float)
    shared = y + rng.normal(0, 1, 4_000)
    ours = Scored.of(y, shared + 0.2 * y)
    lead = ahead("probability", "auc", ours, shared)
    alone = with_intervals("probability", ours, names=["auc"])["auc"]
    assert lead.low > 0
    assert lead.high - lead.low < alone.high - alone.low
    same = ahead("probability", "auc", ours, ours.raw)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_rows_of_one_customer_are_drawn_together() -> None:
    rng = np.random.default_rng(4)
    once = (rng.random(300) < 0.4).astype(float)
    y, who = np.repeat(once, 10), np.repeat(np.arange(300), 10)
    score = np.repeat(once + rng.normal(0, 1, 300), 10)
    ours = Scored.of(y, score)
    loose = ahead("probability", "auc", ours, np.zeros(3_000))
    honest = ahead("probability", "auc", ours, np.zeros(3_000), group=who)
    assert honest.high - honest.low > 2 * (loose.high - loose.low)
