"""What changes in one go: a group's bits in, its share of changes and its weight out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.linkage import ColumnConf
from models.linkage.moved import Group, group, groups

SAME, OTHER, SURE, LIKELY = 15.0, -17.0, 20.0, 5.0


def test_an_address_changes_as_a_whole_a_phone_by_itself() -> None:
    meanings = {"n": "given name", "s": "street", "p": "phone", "z": "postcode"}
    columns = {name: ColumnConf(meaning=meaning) for name, meaning in meanings.items()}  # type: ignore[arg-type]
    assert groups(columns) == [(1, 3), (2,)]


def test_a_tenth_that_moved_is_told_by_what_else_is_sure() -> None:
    bits = np.repeat([SAME, OTHER], [900, 100])
    found = group((0, 1), bits, np.full(1_000, SURE))
    assert found.changed == pytest.approx(0.1, abs=0.01)
    assert found.more(bits) + bits == pytest.approx([SAME] * 900 + [np.log2(0.1)] * 100, abs=0.2)
    assert found.kept(bits)[[0, -1]] == pytest.approx([1, 0], abs=1e-3)


def test_pairs_that_nothing_else_makes_sure_tell_nothing_of_moves() -> None:
    unsure = group((0,), np.full(1_000, OTHER), np.full(1_000, -2.0))
    assert unsure.changed < 1e-3


def test_a_household_that_all_else_makes_likely_but_not_sure_tells_nothing_of_marriages() -> None:
    bits, rest = np.repeat([SAME, OTHER, OTHER], [950, 50, 500]), np.repeat([SURE, LIKELY], [1_000, 500])
    assert group((0,), bits, rest).changed == pytest.approx(0.05, abs=0.01)


@given(st.floats(1e-4, 0.9), st.floats(-50, 50))
def test_a_change_never_speaks_against_by_more_than_its_rarity(changed: float, bits: float) -> None:
    told = float((Group((0,), changed).more(np.array([bits])) + bits)[0])
    assert np.log2(changed) - 1e-6 <= told <= max(bits, 0) + 1e-6
