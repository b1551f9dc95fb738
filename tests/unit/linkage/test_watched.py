from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conf.watch import Limit, WatchConf, jumps
from models.linkage.clerical import VerdictError, drawn, estimated, shares, wilson
from models.linkage.evidence import Kept
from models.linkage.watching import drift, grown, measures, psi


def clusters(**of: str) -> pd.DataFrame:
    return pd.DataFrame(list(of.items()), columns=["record_id", "customer_id"])


def output(probability: list[float], one: list[bool], held: pd.DataFrame) -> Kept:
    n = len(probability)
    pairs = pd.DataFrame(
        {"record_id_l": ["a"] * n, "record_id_r": ["b"] * n, "probability": probability, "same_customer": one}
    )
    return Kept({"grey": 0.1, "threshold": 0.5}, {}, held, pairs, None, {})


def test_the_figures_of_a_match() -> None:
    found = measures(
        output([0.99, 0.95, 0.4, 0.05], [True, True, False, True], clusters(a="a", b="a", c="a", d="d"))
    )
    assert found == {
        "records": 4, "customers": 2, "records_per_customer": 2.0, "largest": 3,
        "grey_share": pytest.approx(1 / 3, abs=1e-6), "expected_precision": pytest.approx(0.663333),
    }  # fmt: skip


def test_the_clusters_that_gained_most_come_first() -> None:
    before = clusters(a="a", b="a", c="c", d="c", e="e")
    now = clusters(a="a", b="a", c="a", d="a", e="e", f="e")
    assert grown(now, before) == [
        {"customer_id": "a", "records": 4, "parts_before": 2, "newly_together": 2},
        {"customer_id": "e", "records": 2, "parts_before": 2, "newly_together": 1},
    ]
    assert grown(before, before) == []


def test_a_weight_that_moved_is_named_with_its_level() -> None:
    def model(m: float) -> dict[str, object]:
        return {
            "columns": {
                "name": [{"level": "same", "m": m, "u": 0.01}, {"level": "differs", "m": 1 - m, "u": 0.99}]
            }
        }

    told = drift(model(0.8), model(0.4))
    assert told["name"]["bits"] == pytest.approx(np.log2(0.6 / 0.2), abs=1e-3)
    assert told["name"]["level"] == "differs"
    assert told["name"]["psi"] == pytest.approx(0.4 * np.log(2) + 0.4 * np.log(3), abs=1e-4)
    assert drift(model(0.8), model(0.8))["name"]["bits"] == 0
    assert psi([0.2, 0.8], [0.2, 0.8]) == 0


def test_limits_say_what_jumped_and_from_where() -> None:
    conf = WatchConf(
        limits={
            "grey_share": Limit(most=0.1, change=0.02), "largest": Limit(ratio=2), "psi_*": Limit(most=0.25),
            "psi_name": Limit(most=0.5),
        }
    )  # fmt: skip
    before = {"grey_share": 0.03, "largest": 10.0}
    assert jumps({"grey_share": 0.04, "largest": 15, "psi_name": 0.4}, before, conf) == []
    assert jumps({"grey_share": 0.06, "largest": 25, "psi_born": 0.3}, before, conf) == [
        "grey_share is 0.06, more than 0.02 away from 0.03",
        "largest is 25, more than 2 times off 10",
        "psi_born is 0.3, above the most allowed, 0.25",
    ]
    assert jumps({"grey_share": 0.06, "largest": 25}, {}, conf) == []
    with pytest.raises(ValidationError, match="at least one"):
        Limit()
    assert WatchConf(accepted=date(2026, 1, 1)).limits == {}


def pairs(n: int, seed: int = 1) -> pd.DataFrame:
    probability = 1 - np.random.default_rng(seed).random(n) ** 6
    ids = np.arange(n).astype(str)
    return pd.DataFrame(
        {"record_id_l": ids, "record_id_r": ids, "probability": probability, "joined": probability > 0.5}
    )


def test_doubtful_strata_are_drawn_more_often_and_all_pairs_are_stood_for() -> None:
    whole = pairs(5000)
    sample = drawn(whole, 200, 1)
    assert len(sample) == 200
    assert not sample.duplicated("record_id_l").any()
    assert sample["stands_for"].sum() == pytest.approx(5000)
    rate = sample[sample["joined"]].groupby("stratum")["stands_for"].first()
    assert rate["0.5–0.8"] < rate["0.999–1"] / 2
    pd.testing.assert_frame_equal(sample, drawn(whole, 200, 1))


@settings(max_examples=100)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.integers(0, 200))
def test_no_stratum_gives_more_than_it_holds_and_none_is_left_while_room_is(
    held: list[int], size: int
) -> None:
    take = shares(held, size)
    assert all(0 <= t <= h for t, h in zip(take, held, strict=True))
    assert sum(take) <= size
    assert sum(take) == min(size, sum(held))


@settings(max_examples=100)
@given(st.floats(0, 1), st.floats(1, 1e6))
def test_the_interval_holds_the_share(share: float, size: float) -> None:
    low, high = wilson(share, size)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_nineteen_samples_in_twenty_hold_the_true_precision() -> None:
    whole = pairs(4000)
    true = np.random.default_rng(7).random(4000) < whole["probability"] ** 2
    precision = true[whole["joined"]].mean()
    held = 0
    for seed in range(30):
        sample = drawn(whole, 150, seed)
        said = sample.assign(is_match=np.where(true[sample["record_id_l"].astype(int)], "yes", "No"))
        found = estimated(said, joined=True)
        assert found is not None
        held += found.low <= precision <= found.high
    assert held >= 26


def test_blank_verdicts_are_open_and_strange_ones_refused() -> None:
    sample = drawn(pairs(100), 20, 1).assign(is_match=["yes"] * 10 + [""] * 10)
    found = estimated(sample.assign(joined=True), joined=True)
    assert found is not None
    assert (found.judged, found.open, found.share) == (10, 10, 1.0)
    assert estimated(sample.assign(is_match=""), joined=True) is None
    with pytest.raises(VerdictError, match="unknown answers"):
        estimated(sample.assign(is_match="perhaps"), joined=True)
    with pytest.raises(VerdictError, match="stands_for"):
        estimated(sample.drop(columns="stands_for"), joined=True)
    assert replace(found, share=0.123456).as_dict()["share"] == 0.1235
