from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.errors import UsageError
from models.core.metrics import spearman
from models.uplift import Uplift, estimate, files
from models.uplift.curves import Trial, area, curve, effect, qini, slope, uplift_at
from tests.commands import onebook

HILLSTROM = Path(__file__).resolve().parents[4] / "shared" / "data" / "models" / "hillstrom" / "hillstrom.csv"
DOC = Path(__file__).resolve().parents[3] / "docs" / "uplift.md"


def campaign(size: int = 8_000, seed: int = 0, moved: float = 0.25) -> pd.DataFrame:
    """Half are mailed; it moves those with an app by `moved`, others not; who is rich comes anyway."""
    rng = np.random.default_rng(seed)
    app, rich, mailed = rng.random(size) < 0.4, rng.normal(size=size), rng.random(size) < 0.5
    chance = 0.1 + 0.5 * (rich > 0) + moved * (app & mailed)
    return pd.DataFrame(
        {
            "device": np.where(app, "app", "none"),
            "rich": rich,
            "noise": rng.normal(size=size),
            "recent": rng.permutation(size),
            "customer": [f"C{i}" for i in range(size)],
            "mailed": np.where(mailed, "yes", "no"),
            "came": rng.random(size) < chance,
            "true": moved * app,
        }
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return campaign()


@pytest.fixture(scope="module")
def told(frame: pd.DataFrame) -> Uplift:
    return estimate(frame, treatment="mailed", outcome="came", rule="rich", exclude=["true"], draws=60)


def test_a_planted_effect_is_found_in_size_and_in_whom(frame: pd.DataFrame, told: Uplift) -> None:
    app = (frame["device"] == "app").to_numpy()
    for name, effects in told.effects.items():
        assert spearman(frame["true"].to_numpy(), effects) > 0.6, name
    assert told.effects["mean"][app].mean() == pytest.approx(0.25, abs=0.05)
    assert told.effects["mean"][~app].mean() == pytest.approx(0.0, abs=0.05)
    assert told.report.effect.low < 0.1 < told.report.effect.high
    assert told.report.use == "effects"
    assert told.report.tenths[0].seen.low > told.report.tenths[-1].seen.high
    assert told.left_out["customer"].endswith("a key or free text")


def test_effects_rank_better_than_who_comes_anyway(told: Uplift) -> None:
    orders = {o.name: o for o in told.report.orders}
    assert orders["mean"].area.low > 0
    assert orders["rule"].area.low < 0 < orders["rule"].area.high
    for rival in ("rule", "response model"):
        lead = orders[rival].lead
        assert lead is not None
        assert lead.low > 0


def test_others_are_told_by_the_same_models(frame: pd.DataFrame, told: Uplift) -> None:
    later = campaign(2_000, seed=9).drop(columns=["mailed", "came", "true"])
    effects = told.predict(later)
    assert spearman((later["device"] == "app").to_numpy(float), effects) > 0.6
    assert told.predict(later.head(0)).shape == (0,)


def test_the_same_campaign_gives_the_same_effects(frame: pd.DataFrame, told: Uplift) -> None:
    again = estimate(frame, treatment="mailed", outcome="came", rule="rich", exclude=["true"], draws=2)
    np.testing.assert_array_equal(again.effects["mean"], told.effects["mean"])


def test_where_all_are_moved_alike_nothing_is_promised() -> None:
    rng = np.random.default_rng(1)
    frame = campaign(6_000, seed=5, moved=0.0)
    flat = frame.assign(came=frame["came"] | ((frame["mailed"] == "yes") & (rng.random(6_000) < 0.2)))
    told = estimate(flat, treatment="mailed", outcome="came", exclude=["true", "rich"], draws=60)
    assert told.report.use == "none"
    assert "do not beat random order beyond noise" in told.report.reason
    assert np.ptp(told.effects["mean"]) < 0.2


def test_a_rule_that_knows_more_is_named_instead(frame: pd.DataFrame) -> None:
    blind = frame.drop(columns=["device", "customer"])
    told = estimate(blind, treatment="mailed", outcome="came", rule="true", exclude=["true"], draws=60)
    assert told.report.use == "rule"


def test_an_outcome_may_be_an_amount(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(2)
    spent = np.where(frame["came"], rng.lognormal(3, 0.5, len(frame)), 0.0)
    told = estimate(
        frame.assign(spent=spent), treatment="mailed", outcome="spent", exclude=["true", "came"], draws=40
    )
    assert told.report.use == "effects"
    orders = {o.name: o for o in told.report.orders}
    assert np.isnan(orders["mean"].qini.value)
    assert told.effects["mean"].mean() == pytest.approx(told.report.effect.value, abs=0.5)


def test_treatment_by_choice_is_shown(frame: pd.DataFrame, told: Uplift) -> None:
    assert told.assigned is not None
    assert abs(told.assigned.auc - 0.5) < 0.03
    chosen = frame.assign(
        mailed=np.where(frame["rich"] > np.random.default_rng(3).normal(size=len(frame)), 1, 0)
    )
    assert estimate(chosen, treatment="mailed", outcome="came", draws=2).assigned.auc > 0.7  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda f: f.assign(mailed="no"), {}, "label 'mailed' has 1 value, not two"),
        (lambda f: f.assign(mailed=f["mailed"].map({"yes": "a", "no": "b"})), {}, "say which is the case"),
        (lambda f: f.assign(came=[True] * 10 + [False] * (len(f) - 10)), {}, "too few cases: "),
        (lambda f: f.head(150), {}, "too few customers: "),
        (lambda f: f, {"rule": "device"}, "rule 'device' isn't a number"),
        (lambda f: f, {"rule": "gone"}, "there is no rule 'gone'"),
        (lambda f: f, {"outcome": "gone"}, "there is no outcome 'gone'"),
        (lambda f: f[["mailed", "came", "customer"]], {}, "no column is left to tell customers by"),
    ],
)
def test_what_cannot_be_learnt_is_refused_by_name(
    frame: pd.DataFrame, change: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        estimate(change(frame), **{"treatment": "mailed", "outcome": "came", "draws": 2, **options})


def test_qini_as_counted_by_hand() -> None:
    trial = Trial(np.array([1.0, 0, 0, 1, 1, 0]), np.array([1.0, 0, 1, 0, 1, 0]))
    x, gain = curve(trial, np.array([6.0, 5, 4, 3, 2, 1]))
    assert list(x) == [0, 1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(gain, [0, 1 - 0, 1 - 0, 1 - 0, 1 - 1, 2 - 1.5, 2 - 1])
    assert effect(trial) == pytest.approx(2 / 3 - 1 / 3)
    assert uplift_at(trial, np.array([6.0, 5, 4, 3, 2, 1]), 0.5) == pytest.approx(1 / 2 - 0)


def test_qini_is_one_for_the_perfect_order_and_nought_for_none() -> None:
    trial = Trial(np.array([0.0, 1, 0, 0, 1, 0, 1, 1]), np.array([1.0, 0, 1, 0, 0, 1, 1, 1]))
    who_came_because_treated_first = np.array([1.0, 0, 1, 2, 0, 1, 3, 3])
    assert qini(trial, who_came_because_treated_first) == pytest.approx(1)
    assert qini(trial, np.zeros(8)) == pytest.approx(0)
    assert np.isnan(qini(Trial(trial.y * 3, trial.t), np.zeros(8)))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.5, 0.8]))
def test_no_order_beats_the_perfect_one_and_constant_ones_are_nought(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    trial = Trial((rng.random(200) < 0.3).astype(float), (rng.random(200) < share).astype(float))
    assert area(trial, np.zeros(200)) == pytest.approx(0, abs=1e-9)
    if np.isfinite(found := qini(trial, rng.random(200))):
        assert found <= 1 + 1e-9


def test_the_slope_is_one_where_effects_are_true_and_two_where_halved() -> None:
    rng = np.random.default_rng(4)
    true, t = rng.uniform(-0.3, 0.3, 200_000), (rng.random(200_000) < 0.3).astype(float)
    trial = Trial((rng.random(200_000) < 0.4 + true * t).astype(float), t)
    assert slope(trial, true) == pytest.approx(1, abs=0.06)
    assert slope(trial, true / 2) == pytest.approx(2, abs=0.12)


def test_the_command_writes_effects_by_key_and_a_report(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.drop(columns="true").to_csv(tmp_path / "campaign.csv", index=False)
    given = ["uplift", "--input", tmp_path / "campaign.csv", "--treatment", "mailed", "--outcome", "came"]
    done = onebook(
        *map(str, given), "--rule", "recent", "--key", "customer", "--output", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "out" / "effects.parquet").to_pandas()
    assert list(rows.columns) == ["customer", "effect", "tenth", "effect_s", "effect_t", "effect_x"]
    assert sorted(rows["customer"]) == sorted(frame["customer"])
    assert rows.groupby("tenth")["effect"].mean().is_monotonic_decreasing
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["use"] == "effects"
    assert {o["name"] for o in report["orders"]} == {"s", "t", "x", "mean", "response model", "rule"}


def test_a_wrong_column_ends_the_command_and_writes_nothing(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.head(300).to_parquet(tmp_path / "campaign.parquet")
    given = ["uplift", "--input", tmp_path / "campaign.parquet", "--treatment", "posted", "--outcome", "came"]
    done = onebook(*map(str, given), "--output", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "there is no label 'posted'" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not HILLSTROM.is_file(), reason=f"the Hillstrom campaign isn't at {HILLSTROM}")
def test_the_gate_takes_effects_for_the_womens_mail_and_a_simpler_order_for_the_mens() -> None:
    rows = pd.read_csv(HILLSTROM).drop(columns=["conversion", "spend"])
    rows["rfm"] = rows["recency"].rank(ascending=False, pct=True) + rows["history"].rank(pct=True)
    used = {}
    for arm in ("Womens", "Mens"):
        part = rows[rows["segment"].isin([f"{arm} E-Mail", "No E-Mail"])]
        told = estimate(
            part,
            treatment="segment",
            treated=f"{arm} E-Mail",
            outcome="visit",
            rule="rfm",
            exclude=["rfm"],
            draws=30,
        )
        used[arm] = told.report.use
    assert used["Womens"] == "effects"
    assert used["Mens"] in ("rule", "response model")


def test_a_broken_row_is_told_by_its_number_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "campaign.csv").write_text(
        "customer,mailed,came\n张伟,yes,1\n李伟,no,0,13800138000\n", encoding="utf-8"
    )
    with pytest.raises(UsageError, match="Expected 3 columns, got 4") as refused:
        files.read(tmp_path / "campaign.csv")
    assert "李伟" not in str(refused.value)
