"""What surrounds the learners of one goal: which campaigns judge, arms made alike, the record, the gate."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from conf.models import GateSpec, LearnSpec, SnapshotSpec, UpliftSpec
from conf.uplift import UpliftLabel
from models.core.bootstrap import Interval
from models.uplift.goal import Goal, tenth
from models.uplift.judging import Order, Report
from models.uplift.learning import Judged, evened, learn_goal, not_better
from models.uplift.windows import Campaign, window

SPEC = UpliftSpec(
    snapshots=SnapshotSpec(count=2, later=1),
    gate=GateSpec(metric="qini", draws=60),
    learn=LearnSpec(folds=2),
    label=UpliftLabel(),
)


def campaign(code: str, starts: date, ends: date | None = None, goal: str = "sms", **given: int) -> Campaign:
    counts = {"treated": 10, "untreated": 10, "treated_cases": 3, "untreated_cases": 2, **given}
    return Campaign(goal, code, starts, ends or starts, (starts,), **counts)


def test_the_latest_campaigns_judge_and_no_training_outcome_reaches_them() -> None:
    found = window(
        "sms",
        [
            campaign("last", date(2024, 6, 8)),
            campaign(
                "overlaps", date(2024, 4, 20), date(2024, 5, 8)
            ),  # responses until the day judging begins
            campaign("one arm", date(2024, 7, 1), untreated=0),
            campaign("other", date(2024, 8, 1), goal="call"),
            campaign("second", date(2024, 3, 8)),
            campaign("first", date(2024, 2, 8)),
            campaign("older than count", date(2023, 2, 8)),
        ],
        SPEC,
    )
    assert [c.code for c in found.train] == ["first", "second"]
    assert [c.code for c in found.later] == ["last"]
    assert found.split.train == (date(2024, 2, 8), date(2024, 3, 8))
    assert window("none", [], SPEC).later == ()


def trial(
    size: int, seed: int, moved: float, campaigns: tuple[str, ...] = ("a",), share: float = 0.5
) -> pa.Table:
    rng = np.random.default_rng(seed)
    app, rich, t = rng.random(size) < 0.4, rng.random(size) < 0.5, rng.random(size) < share
    came = rng.random(size) < 0.05 + 0.5 * rich + moved * (app & t)
    return pa.table(
        {
            "customer_id": [f"C{i}" for i in range(size)],
            "campaign_id": rng.choice(campaigns, size),
            "treated": t.astype(float),
            "label": came.astype(float),
            "_rule": rich.astype(float),
            "app": app.astype(float),
            "rich": rich * 1.0 + rng.normal(size=size) * 0.1,
            "noise": rng.normal(size=size),
            "constant": np.ones(size),
        }
    )


@pytest.fixture(scope="module")
def found() -> Judged:
    return learn_goal(trial(6_000, 1, 0.3), trial(4_000, 2, 0.3), None, SPEC, "2024-12-31")


def test_an_effect_is_learnt_and_beats_chance_the_response_model_and_the_rule(found: Judged) -> None:
    assert found.refusal is None
    assert found.goal.passed
    assert found.goal.features == ("app", "rich", "noise")
    assert set(found.orders) == {"s", "t", "x", "mean", "response model", "rule"}
    assert abs(found.assigned - 0.5) < 0.04


def test_a_record_read_again_says_the_same_and_its_parts_add_up(found: Judged) -> None:
    x = np.random.default_rng(5).normal(size=(50, 3))
    again = Goal.from_json(json.loads(json.dumps(found.goal.to_json())))
    each = found.goal.effects(x)
    for name, said in again.effects(x).items():
        np.testing.assert_array_equal(said, each[name])
    np.testing.assert_array_equal(again.effect(each), found.goal.effect(each))
    parts = found.goal.contributions(x).sum(axis=1) - found.goal.scale[1] * each["x"]
    assert np.ptp(parts) < 1e-9
    assert again.effects(x[:0])["s"].shape == (0,)


def test_places_are_among_those_who_judged(found: Judged) -> None:
    ends = np.array([-9.0, 9.0])
    np.testing.assert_array_equal(found.goal.percentile(ends), [0.0, 1.0])
    np.testing.assert_array_equal(tenth(np.array([0.0, 0.1, 0.55, 0.9, 0.95, 1.0])), [10, 9, 5, 1, 1, 1])


def test_a_goal_in_force_must_be_beaten_too(found: Judged) -> None:
    again = learn_goal(trial(6_000, 1, 0.3), trial(4_000, 2, 0.3), found.goal, SPEC, "2025-01-31")
    assert again.refusal is not None
    assert "do not beat the champion beyond noise" in again.refusal
    gone = replace(found.goal, features=("no such feature",))
    assert learn_goal(trial(6_000, 1, 0.3), trial(4_000, 2, 0.3), gone, SPEC, "").refusal is None


def test_treatment_by_choice_is_no_trial() -> None:
    def chosen(seed: int) -> pa.Table:
        table = trial(4_000, seed, 0.3)
        treated = np.random.default_rng(seed).random(len(table)) < 0.3 + 0.4 * table["_rule"].to_numpy()
        return table.set_column(2, "treated", pa.array(treated.astype(float)))

    found = learn_goal(chosen(1), chosen(2), None, SPEC, "")
    assert found.refusal is not None
    assert found.refusal.startswith("treatment was not assigned by chance")


def test_who_is_always_held_out_is_no_choice() -> None:
    def twice(table: pa.Table, code: str) -> pa.Table:
        other = table.set_column(1, "campaign_id", pa.array([code] * len(table)))
        return pa.concat_tables([table, other])

    found = learn_goal(twice(trial(3_000, 1, 0.3), "b"), twice(trial(3_000, 1, 0.3), "c"), None, SPEC, "")
    assert abs(found.assigned - 0.5) < 0.05


def test_a_campaign_that_treats_more_loses_the_surplus_only() -> None:
    plain = trial(4_000, 1, 0.3, ("a", "b"))
    assert evened(plain, 7).all()
    table = pa.concat_tables([trial(2_000, 1, 0.0, ("a",), 0.8), trial(4_000, 2, 0.0, ("b",), 0.4)])
    keep = evened(table, 7)
    t, code = table["treated"].to_numpy()[keep], table["campaign_id"].to_numpy()[keep]
    assert t[code == "a"].mean() == pytest.approx(t[code == "b"].mean(), abs=0.002)
    np.testing.assert_array_equal(keep, evened(table, 7))
    dropped = table.filter(pa.array(~keep))
    assert set(zip(dropped["campaign_id"].to_pylist(), dropped["treated"].to_pylist(), strict=True)) == {
        ("a", 1.0), ("b", 0.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("area", "leads", "told"),
    [
        ((0.02, 0.01), {"response model": 0.001, "rule": 0.001}, None),
        ((0.02, -0.01), {"response model": 0.001, "rule": 0.001}, "do not beat random order beyond noise"),
        ((0.02, 0.01), {"response model": -0.001, "rule": 0.001}, "do not beat the response model beyond"),
        ((0.02, 0.01), {"response model": 0.001, "rule": 0.0}, "do not beat the rule beyond noise"),
        ((0.02, float("nan")), {"response model": 0.001, "rule": 0.1}, "do not beat random order"),
    ],
)
def test_only_leads_beyond_noise_pass(area: Any, leads: dict[str, float], told: str | None) -> None:
    some = Interval(0.01, 0.0, 0.02)
    own = Order("mean", some, Interval(area[0], area[1], 0.03), some, None)
    others = [Order(n, some, some, some, Interval(0.005, low, 0.01)) for n, low in leads.items()]
    report = Report(100, 50, some, some, [own, *others], [], "effects", "")
    found = not_better(report, list(leads), GateSpec(metric="qini"))
    assert (found is None) if told is None else told in str(found)
