from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.ownership import Stake, heads, reached, stakes


def by_pair(*holdings: tuple[str, str, float], least: float = 0.25) -> dict[tuple[str, str], Stake]:
    return {(s.holder, s.company): s for s in stakes(holdings, least)}


def test_shares_multiply_along_a_chain_and_add_over_chains() -> None:
    found = by_pair(("P", "a", 0.8), ("a", "b", 0.5), ("P", "b", 0.1))
    assert found["P", "b"].effective == pytest.approx(0.5)
    assert (found["P", "b"].direct, found["P", "b"].through) == (0.1, ("a",))
    assert found["P", "b"].controls
    assert found["P", "b"].is_ultimate
    assert not found["a", "b"].is_ultimate


def test_control_passes_where_the_effective_share_is_small() -> None:
    found = by_pair(("P", "a", 0.51), ("a", "b", 0.51), ("b", "c", 0.51))
    assert found["P", "c"].controls
    assert found["P", "c"].effective == pytest.approx(0.51**3)
    joint = by_pair(("P", "a", 0.6), ("a", "t", 0.3), ("P", "t", 0.2))
    assert joint["P", "t"].controls


def test_a_quarter_is_a_stake_and_less_is_not() -> None:
    assert ("P", "a") in by_pair(("P", "a", 0.25))
    assert by_pair(("P", "a", 0.2499)) == {}


def test_cross_holdings_sum_as_a_geometric_series_and_never_control_by_themselves() -> None:
    found = by_pair(("P", "a", 0.4), ("a", "b", 0.5), ("b", "a", 0.5))
    assert found["P", "a"].effective == pytest.approx(0.4 / (1 - 0.25), abs=1e-4)
    assert not found["P", "a"].controls
    assert by_pair(("a", "b", 1.0), ("b", "a", 1.0))["a", "b"].effective == 1.0
    assert heads(stakes([("a", "b", 1.0), ("b", "a", 1.0)])) == {"a": "a", "b": "a"}


def test_a_group_is_named_after_who_nobody_controls() -> None:
    found = stakes([("Z", "a", 0.9), ("a", "b", 0.6), ("b", "c", 0.3), ("Q", "c", 0.7)])
    assert heads(found) == {"Z": "Z", "a": "Z", "b": "Z", "c": "Q", "Q": "Q"}
    halves = stakes([("X", "j", 0.5), ("Y", "j", 0.5)])
    assert heads(halves) == {"X": "X", "Y": "Y", "j": "X"}


HOLDINGS = st.lists(
    st.tuples(*(st.sampled_from("abcdef"),) * 2, st.sampled_from([0.1, 0.25, 0.5, 0.6, 1.0])), max_size=10
)


@given(HOLDINGS)
def test_shares_stay_shares_and_every_control_has_a_head(holdings: list[tuple[str, str, float]]) -> None:
    found = stakes(holdings)
    assert all(0 <= s.effective <= 1 and s.holder != s.company for s in found)
    of = heads(found)
    controlled = {s.company for s in found if s.controls}
    assert controlled <= of.keys()
    assert all(of[head] == head for head in of.values())


@given(HOLDINGS, st.randoms())
def test_the_order_of_holdings_changes_nothing(holdings: list[tuple[str, str, float]], rng: object) -> None:
    shuffled = holdings.copy()
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    told = [(s.holder, s.company, round(s.effective, 9), s.controls) for s in stakes(holdings)]
    assert [(s.holder, s.company, round(s.effective, 9), s.controls) for s in stakes(shuffled)] == told


def test_a_chain_of_any_order_reaches_its_end() -> None:
    for order in permutations([("P", "a"), ("a", "b"), ("b", "c")]):
        shares = {holder: {company: 0.9} for holder, company in order}
        assert reached("P", shares)["c"] == pytest.approx(0.729)
