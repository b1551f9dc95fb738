"""Pairs between sources: their weights in, who competes and which sources are clean out."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.linkage.competing import ALONE, Contest

PEOPLE = 60
TWICE = np.repeat([0, 1], PEOPLE)
"""Source of each record: PEOPLE in each of two."""


def test_two_variants_share_the_probability_of_one_partner() -> None:
    pairs = np.array([[0, 1], [0, 2], [3, 4]])
    source = np.array([0, 1, 1, 0, 1])
    found = Contest(source, pairs).shared(np.array([0.9, 0.9, 0.9]), np.array([True, True]))
    assert found == pytest.approx([9 / 19, 9 / 19, 0.9])


def test_a_rival_that_has_a_partner_of_its_own_is_none() -> None:
    pairs = np.array([[0, 2], [0, 3], [1, 3]])
    told, both = Contest(np.array([0, 0, 1, 1]), pairs), np.array([True, True])
    assert told.shared(np.array([0.5, 0.5, 0.999]), both) == pytest.approx([0.5, 0, 0.999], abs=1e-3)


def test_what_is_ahead_of_its_rivals_stays_and_one_source_is_never_one() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    told, both = Contest(np.array([0, 1, 1]), pairs), np.array([True, True])
    assert told.shared(np.array([1 - 1e-9, 0.5, 0.999]), both) == pytest.approx([1, 0, 0], abs=1e-6)
    assert told.ahead(np.array([12.0, 2.0, 9.0]), both).tolist() == [10, -10, -ALONE]


def test_nobody_competes_for_a_source_that_repeats_itself() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    told, first = Contest(np.array([0, 1, 1]), pairs), np.array([True, False])
    assert told.shared(np.array([0.9, 0.8, 0.7]), first) == pytest.approx([0.9, 0.8, 0.7])
    assert told.ahead(np.zeros(3), first).tolist() == [ALONE] * 3


def test_sources_with_one_record_each_are_clean_though_variants_are_alike() -> None:
    one = np.column_stack([np.arange(PEOPLE), np.arange(PEOPLE) + PEOPLE])
    variant = np.column_stack([np.arange(PEOPLE - 1), np.arange(PEOPLE - 1) + PEOPLE + 1])
    home = np.column_stack([np.arange(PEOPLE - 1), np.arange(PEOPLE - 1) + 1])
    weight = np.repeat([12.0, 4.0, 15.0], [PEOPLE, PEOPLE - 1, PEOPLE - 1])
    assert Contest(TWICE, np.concatenate([one, variant, home])).clean(weight).tolist() == [True, True]


def test_a_source_with_a_second_partner_nearly_as_good_is_not() -> None:
    one = np.column_stack([np.arange(PEOPLE), np.arange(PEOPLE) + PEOPLE])
    again = np.array([[i, 2 * PEOPLE + i] for i in range(10)])
    source = np.concatenate([TWICE, np.ones(10, int)])
    weight = np.repeat([12.0, 11.0], [PEOPLE, 10])
    assert Contest(source, np.concatenate([one, again])).clean(weight).tolist() == [True, False]


def test_few_sure_pairs_tell_nothing() -> None:
    assert Contest(np.array([0, 1]), np.array([[0, 1]])).clean(np.array([9.0])).tolist() == [False, False]


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=7))
def test_along_a_chain_of_rivals_it_is_the_share_of_all_ways_to_pair(likely: list[float]) -> None:
    """a0 b0, b0 a1, a1 b1, …: each pair rivals the one before and the one after."""
    chain = np.array([[i, i + 1] for i in range(len(likely))])
    found = Contest(np.arange(len(likely) + 1) % 2, chain).shared(np.array(likely), np.array([True, True]))
    odds = [p / (1 - p) for p in likely]
    ways = [way for way in product((0, 1), repeat=len(odds)) if not any(a and b for a, b in pairwise(way))]
    weight = np.array([math.prod(o for o, held in zip(odds, way, strict=True) if held) for way in ways])
    assert found == pytest.approx(weight @ np.array(ways) / weight.sum(), abs=1e-9)


PAIR = st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0, 1))


@given(st.lists(PAIR, min_size=1, max_size=30), st.lists(st.booleans(), min_size=3, max_size=3))
def test_competition_takes_and_never_gives(drawn: list[tuple[int, int, float]], flags: list[bool]) -> None:
    once = {(min(a, b), max(a, b)): p for a, b, p in drawn if a != b}
    pairs, likely = np.array([*once], np.int64).reshape(-1, 2), np.array([*once.values()])
    source = np.arange(8) % 3
    found = Contest(source, pairs).shared(likely, np.array(flags))
    assert (found <= likely + 1e-9).all()
    ends = source[pairs]
    for record in range(8):
        for other in np.flatnonzero(flags):
            there = ((pairs[:, 0] == record) & (ends[:, 1] == other)) | (
                (pairs[:, 1] == record) & (ends[:, 0] == other)
            )
            across = there & (ends[:, 0] != ends[:, 1])
            assert found[across].sum() <= 1 + 1e-9
