from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.linkage.clustering import clustered, within
from models.linkage.evaluation import evaluate


def groups(records: int, *pairs: tuple[int, int, float], source: list[int] | None = None) -> list[int]:
    ends = np.array([p[:2] for p in pairs], np.int64).reshape(-1, 2)
    of = None if source is None else np.array(source, np.int64)
    found: list[int] = clustered(records, ends, np.array([p[2] for p in pairs]), 0.5, of).tolist()
    return found


def test_a_strong_pair_is_one_and_a_weak_one_two() -> None:
    assert groups(4, (0, 1, 0.9), (2, 3, 0.4)) == [0, 0, 2, 3]


def test_one_bridge_joins_no_two_groups() -> None:
    left = [(0, 1, 0.99), (0, 2, 0.99), (1, 2, 0.99)]
    right = [(3, 4, 0.99), (3, 5, 0.99), (4, 5, 0.99)]
    assert groups(6, *left, *right, (2, 3, 0.95)) == [0, 0, 0, 3, 3, 3]


def test_two_records_of_a_source_without_duplicates_stay_apart() -> None:
    found = groups(3, (0, 1, 0.99), (0, 2, 0.9), (1, 2, 0.9), source=[1, 1, -1])
    assert found[0] != found[1]
    assert groups(2, (0, 1, 0.99), source=[0, 0]) == [0, 1]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), max_size=30))
def test_a_record_is_in_one_cluster_named_by_its_first_record(pairs: list[tuple[int, int, float]]) -> None:
    once = {(min(a, b), max(a, b)): p for a, b, p in pairs if a != b}
    found = groups(10, *((a, b, p) for (a, b), p in sorted(once.items())))
    assert all(found[label] == label <= i for i, label in enumerate(found))


def test_within_gives_every_pair_of_a_cluster_but_of_none_too_large() -> None:
    labels = np.array([0, 1, 0, 0, 1, 5])
    assert within(labels, 3).tolist() == [[0, 2], [0, 3], [1, 4], [2, 3]]
    assert within(labels, 2).tolist() == [[1, 4]]


def test_evaluation_counts_pairs_records_and_whole_clusters() -> None:
    found = evaluate(pd.Series([0, 0, 0, 3, 4]), pd.Series(["a", "a", "b", "b", "c"]))
    assert found.precision == pytest.approx(1 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.exact_clusters == pytest.approx(1 / 3)
    assert found.f1 == pytest.approx(0.4)
    assert found.bcubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
