"""A hazard over several horizons: what is learnt, what always holds, and how early leavers are seen."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from conf.models import ChurnSpec, LearnSpec, ScoreSpec
from models.core.boosting import Cases, Learnt
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.curves import carried, scored_with_curve
from models.core.encoding import Matrix
from models.core.hazard import learn_hazard, person_periods
from models.core.lead_time import lead_time
from models.core.metrics import Floats, auc, calibration_error
from models.core.scorer import Scorer
from models.core.splits import buckets
from models.core.survival import Hazard, Periods, falling_back, gone_by, monthly_hazards

ENDS = (1, 3, 6)
SPEC = LearnSpec(rounds=60, patience=10, threads=1, params={"num_leaves": 7, "min_data_in_leaf": 20})
CHANCES = hnp.arrays(np.float64, st.tuples(st.integers(1, 20), st.just(3)), elements=st.floats(0, 1))


def people(size: int = 6_000, seed: int = 0) -> tuple[Cases, Matrix]:
    """Those with a high `x` go soon, those with a high `z` go late; what the third says is noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, 3))
    monthly = np.where(np.arange(1, 7) <= 3, 0.02 * np.exp(x[:, :1]), 0.02 * np.exp(x[:, 1:2])).clip(0, 0.9)
    left = rng.random((size, 6)) < monthly
    when = np.where(left.any(axis=1), left.argmax(axis=1) + 1, 99)
    gone = np.column_stack([(when <= m).astype(float) for m in ENDS])
    cases = Cases(x, gone[:, -1], np.ones(size), np.array([f"C{i}" for i in range(size)], dtype=object))
    return cases, gone


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    cases, gone = people()
    fold = buckets(cases.customers, SPEC.folds, SPEC.seed)
    return learn_hazard(cases, gone, ENDS, fold, features=["x", "z", "noise"], categorical=[], spec=SPEC)


def test_each_horizon_is_told_apart_and_calibrated_on_people_it_never_saw(learnt: Learnt) -> None:
    cases, gone = people(seed=1)
    scorer = learnt.scorer
    assert isinstance(scorer, Hazard)
    assert learnt.periods is not None
    said = learnt.periods.calibrated(scorer.gone(cases.x))
    for j in range(3):
        assert auc(gone[:, j], said[:, j]) > 0.65
        assert calibration_error(gone[:, j], said[:, j]) < 0.02
    np.testing.assert_array_equal(said[:, -1], learnt.calibration.apply(scorer.raw(cases.x)))


def test_what_moves_only_the_late_months_doesnt_move_the_first(learnt: Learnt) -> None:
    scorer, at = learnt.scorer, np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [2.0, 0.0, 0.0]])
    assert isinstance(scorer, Hazard)
    usual, late, soon = scorer.gone(at)
    assert soon[0] > 3 * usual[0]
    assert late[0] < 2 * usual[0]
    assert late[2] > 1.5 * usual[2]
    assert scorer.contributions(at).shape == at.shape


def test_a_hazard_survives_its_record(learnt: Learnt) -> None:
    assert learnt.periods is not None
    assert Periods.from_json(json.loads(json.dumps(asdict(learnt.periods)))) == learnt.periods


def test_a_person_counts_in_each_period_until_they_are_gone() -> None:
    cases = Cases(np.array([[7.0]]), np.array([1.0]), np.array([2.0]), np.array(["ann"], dtype=object))
    rows = person_periods(cases, np.array([[0.0, 1.0, 1.0]]), ENDS)
    assert rows.x.tolist() == [[7, 1], [7, 3], [7, 6]]
    assert rows.y.tolist() == [0, 1, 0]
    assert rows.weight.tolist() == [2, 2, 0]


@given(hazards=CHANCES)
def test_survival_never_rises_whatever_the_hazards(hazards: Matrix) -> None:
    gone = gone_by(hazards)
    assert (np.diff(gone, axis=1) >= 0).all()
    assert ((gone >= 0) & (gone <= 1)).all()


@given(said=CHANCES)
def test_calibrated_curves_never_rise_keep_their_end_and_go_on_falling(said: Matrix) -> None:
    kept = falling_back(said)
    np.testing.assert_array_equal(kept[:, -1], said[:, -1])
    ends, whole = carried(kept, ENDS, (6, 12, 36))
    assert ends == (1, 3, 6, 12, 36)
    assert (np.diff(whole, axis=1) >= -1e-12).all()
    monthly = monthly_hazards(whole, ends)
    assert ((monthly >= 0) & (monthly <= 1)).all()


def test_a_score_and_its_curve_are_one_answer_of_the_champion(
    learnt: Learnt, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion, x = champion_of(learnt), people(40, seed=2)[0].x
    scorer, asked, ask = champion.scorer, [], Scorer.raw
    assert isinstance(scorer, Hazard)
    assert champion.periods is not None

    def counted(self: Scorer, x: Matrix, threads: int = 1) -> Floats:
        asked.append(len(x))
        return ask(self, x, threads)

    raw, gone = scorer.raw(x), champion.periods.calibrated(scorer.gone(x))
    monkeypatch.setattr(Scorer, "raw", counted)
    columns = scored_with_curve(x, champion, ScoreSpec(reasons_from_percentile=1.0), (12,))
    assert asked == [len(x) * len(ENDS)]
    assert columns[0].to_pylist() == raw.tolist()
    points = columns[-1].to_pylist()
    assert {tuple(p["months"] for p in row) for row in points} == {(*ENDS, 12)}
    assert [[p["probability"] for p in row[:3]] for row in points] == gone.tolist()
    assert columns[1].to_pylist() == gone[:, -1].tolist()


def champion_of(learnt: Learnt) -> Champion:
    return Champion(
        name="churn",
        version=1,
        as_of="2025-01-31",
        horizon_months=ENDS[-1],
        booster=learnt.booster,
        features=("x", "z", "noise"),
        categories={},
        calibration=learnt.calibration,
        quantiles=tuple(np.linspace(0, 1, 11).tolist()),
        metrics={},
        linear=learnt.linear,
        boosted=learnt.boosted,
        periods=learnt.periods,
    )


@given(hazard=st.floats(0, 0.9))
def test_a_constant_monthly_hazard_is_found_again(hazard: float) -> None:
    gone = 1 - (1 - hazard) ** np.array([[1.0, 3.0, 6.0]])
    np.testing.assert_allclose(monthly_hazards(gone, ENDS), hazard, atol=1e-9)


def test_a_nearer_horizon_is_never_above_a_farther_one() -> None:
    flat = Calibration((0.0, 1.0), (0.2, 0.2))
    said = Periods((1, 6), (flat, Calibration((0.0, 1.0), (0.1, 0.9)))).calibrated(np.array([[0.0, 0.0]]))
    assert said.tolist() == [[0.1, 0.1]]


def test_lead_time_counts_from_the_last_unbroken_stay_in_the_top_to_leaving() -> None:
    looks: list[tuple[str, date, float, float, date | None]] = []
    months = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]
    # ann is in the top from February on, bob was in it in January alone, eve never.
    top = {months[0]: "bob", months[1]: "ann", months[2]: "ann"}
    left = {"ann": date(2025, 5, 10), "bob": date(2025, 5, 1), "eve": date(2025, 6, 1)}
    names = ["ann", "bob", "eve", *(f"stays {i}" for i in range(8))]
    for day in months:
        looks += [(n, day, 0.9 if top[day] == n else 0.1, 1.0, left.get(n)) for n in names]
    frame = pd.DataFrame(looks, columns=["customer_id", "as_of", "score", "weight", "gone_on"])
    told = lead_time(frame[frame["as_of"] < months[2]], frame[frame["as_of"] == months[2]])
    assert told["lead_days_median"] == (date(2025, 5, 10) - months[1]).days
    assert told["leavers_warned"] == pytest.approx(1 / 3)


def test_horizons_must_rise_to_the_headline() -> None:
    gate = {"metric": "auc"}
    assert ChurnSpec.model_validate({"horizon_months": 6, "gate": gate}).periods == (6,)
    for horizons, told in (
        ((3, 1, 6), "must rise"),
        ((1, 3), "must be horizon_months"),
        ((0, 6), "must rise"),
    ):
        with pytest.raises(ValueError, match=told):
            ChurnSpec.model_validate({"horizon_months": 6, "horizons": horizons, "gate": gate})
