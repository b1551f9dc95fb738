"""Any numbers go in; the reference's shares, edges and bins keep what drift needs of them, and no more."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import ks_2samp

from models.core.reference import EDGES, Reference, references
from models.core.steps import steps

FLOATS = st.floats(-1e15, 1e15, allow_nan=False)
SAMPLES = hnp.arrays(
    float, st.integers(0, 300), elements=st.one_of(FLOATS, st.sampled_from([0.0, 1.0, np.nan]))
)


@given(hnp.arrays(float, st.integers(2, 60), elements=FLOATS))
def test_steps_keep_the_order_of_values(values: np.ndarray) -> None:
    order = np.argsort(values)
    assert (np.diff(steps(values)[order]) >= 0).all()
    np.testing.assert_array_equal(steps(-values), -steps(values))


@given(st.integers(-999, 999), st.integers(-6, 6))
def test_values_of_three_figures_have_steps_of_their_own(figures: int, power: int) -> None:
    near = np.array([figures - 1.0, figures, figures + 1.0]) * 10.0**power
    own, other = steps(near), steps(near * (1 + 1e-12))
    assert len(set(own)) == 3
    np.testing.assert_array_equal(own, other)


@given(SAMPLES)
def test_shares_add_up_and_bins_hold_every_share(values: np.ndarray) -> None:
    found = Reference.of(values)
    assert len(found.edges) < EDGES
    assert list(found.edges) == sorted(set(found.edges))
    assert len(found.shares) == len(found.bins) == 2 * len(found.edges) + 1
    known = np.isfinite(values).sum()
    assert abs(sum(found.shares) - (known > 0)) < 1e-4
    assert abs(found.missing - (1 - known / len(values) if len(values) else 0)) < 1e-6
    steps_of_bins = np.diff(found.bins)
    assert set(steps_of_bins) <= {0, 1}
    assert Reference.from_json(json.loads(json.dumps(asdict(found)))) == found


def test_a_weight_counts_as_so_many_rows() -> None:
    values = np.arange(4000.0)
    heavy = Reference.of(values, np.r_[np.ones(2000), np.full(2000, 3.0)])
    repeated = Reference.of(np.r_[values, values[2000:], values[2000:]])
    assert (heavy.edges, heavy.shares) == (repeated.edges, repeated.shares)


def test_the_edges_say_where_samples_part_as_kolmogorov_and_smirnov_do() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.lognormal(8, 1, 5000), rng.lognormal(8.2, 1.1, 4000)
    found = Reference.of(one)
    edges = np.array(found.edges)
    theirs = np.array([(steps(other) <= e).mean() for e in edges])
    ours = np.cumsum(found.shares)[1::2]
    exact = ks_2samp(one, other).statistic
    assert exact - 0.02 <= np.abs(ours - theirs).max() <= exact + 0.002


def test_no_edge_is_an_extreme_and_the_size_is_bounded() -> None:
    x = np.random.default_rng(0).normal(size=(20_000, 40)) * 1e5
    names = [f"f{i}" for i in range(40)]
    found = references(x, np.ones(len(x)), names, x[:, 0])
    assert set(found) == {*names, "score"}
    for i, name in enumerate(names):
        extremes = steps(np.sort(x[:, i])[[0, -1]])
        assert found[name].edges[0] > extremes[0]
        assert found[name].edges[-1] < extremes[1]
    assert len(json.dumps({n: asdict(r) for n, r in found.items()})) < 100_000
