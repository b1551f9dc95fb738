"""Two of one family: pairs in, what is taken from their weight out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from conf.linkage import ColumnConf
from models.linkage.families import Kin, parted, shares

COLUMNS = {"name": ColumnConf(meaning="organisation name"), "founded": ColumnConf(meaning="number")}


def scored(apart: int, founded: float = 0.0) -> tuple[pa.Table, Kin]:
    """100 pairs of one name and `apart` that differ by a word, eight bits each; the last one knows the founding year."""
    count = 100 + apart
    name, year = np.full(count, 12.0), np.zeros(count)
    name[100:], year[-1] = 10.0, founded
    table = pa.table({"weight": name + year - 4, "bits_0": name, "bits_1": year})
    return table, Kin(np.full(count, 12.0), np.repeat([0, 1], [100, apart]))


def test_as_many_that_differ_as_one_entity_has_are_left_alone() -> None:
    table, kin = scored(20)
    assert parted(table, 0, kin, np.array([0.9, 0.09, 0.01]), COLUMNS).equals(table)


def test_what_is_more_is_of_one_family() -> None:
    table, kin = scored(400)
    found = parted(table, 0, kin, np.array([0.9, 0.09, 0.01]), COLUMNS)
    weight = found["weight"].to_numpy()
    assert weight[:100].tolist() == [8.0] * 100
    assert (1 / (1 + np.exp2(-weight[100:]))).sum() == pytest.approx(20, rel=0.05)  # twice the 10 expected
    assert found["bits_0"].to_numpy()[-1] == pytest.approx(10 + weight[-1] - 6)


@pytest.mark.parametrize(("founded", "likelier"), [(6.0, True), (-3.0, False)])
def test_what_is_each_ones_own_tells_one_from_its_family(founded: float, likelier: bool) -> None:
    table, kin = scored(400, founded)
    weight = parted(table, 0, kin, np.array([0.9, 0.09, 0.01]), COLUMNS)["weight"].to_numpy()
    assert (weight[-1] > weight[-2]) == likelier
    assert abs(weight[-1] - weight[-2]) > 2


def test_nothing_is_told_by_few_pairs_or_by_texts_that_mostly_differ() -> None:
    assert shares(np.array([0] * 20)) is None
    assert shares(np.array([1] * 60 + [0] * 40)) is None
    usual = shares(np.array([0] * 40 + [1] * 6 + [-1] * 9))
    assert usual is not None
    assert usual.tolist() == pytest.approx([41 / 49, 7 / 49, 1 / 49])
