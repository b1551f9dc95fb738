"""Pairs that tell little: their levels and probability in, what they count as out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.linkage import ColumnConf
from models.linkage.clustering import clustered
from models.linkage.undecided import SHY, decided, eased
from models.linkage.weights import Weights

WEIGHTS = Weights(
    {"name": ColumnConf(meaning="full name"), "town": ColumnConf(meaning="town")},
    prior=2.0**-10,
    m={"name": (0.95, 0.05), "town": (0.9, 0.1)},
    u={"name": (2.0**-20, 1 - 2.0**-20), "town": (0.1, 0.9)},
)


def scored(*rows: tuple[int, int, float]) -> pa.Table:
    """Levels of name and town (1 the same, 0 different, −1 missing), and the weight with the prior."""
    return pa.table(
        dict(zip(("level_0", "level_1", "weight"), map(list, zip(*rows, strict=True)), strict=True))
    )


def test_a_pair_that_shares_a_town_at_most_tells_nothing_one_with_names_all() -> None:
    told = decided(WEIGHTS, scored((-1, 1, -7.0), (0, 1, -11.0), (1, -1, 10.0), (-1, -1, -10.0)))
    assert told == pytest.approx([0, 1, 1, 0], abs=0.01)


def test_what_speaks_against_counts_however_little_is_known() -> None:
    assert decided(WEIGHTS, scored((-1, 0, -13.2)))[0] == pytest.approx(1 - 2.0**-3.2, abs=0.01)


def test_a_record_joins_two_that_know_nothing_of_one_another() -> None:
    pairs, likely = np.array([[0, 1], [0, 2], [1, 2]]), np.array([0.99, 0.99, 0.0])
    table = scored((1, -1, 10.0), (1, -1, 10.0), (-1, 1, -7.0))
    assert clustered(3, pairs, likely, 0.5).tolist() == [0, 0, 2]
    assert clustered(3, pairs, likely, 0.5, counted=eased(likely, WEIGHTS, table, 0.5)).tolist() == [0, 0, 0]


def test_two_that_know_nothing_join_nobody_alone() -> None:
    table, likely = scored((-1, 1, -7.0)), np.array([0.2])
    counted = eased(likely, WEIGHTS, table, 0.5)
    assert clustered(2, np.array([[0, 1]]), likely, 0.5, counted=counted).tolist() == [0, 1]


@given(st.floats(0, 1), st.integers(-1, 1), st.integers(-1, 1), st.floats(-40, 40))
def test_what_counts_is_never_less_than_the_probability_nor_lifted_over_the_threshold(
    probability: float, name: int, town: int, weight: float
) -> None:
    counted = eased(np.array([probability]), WEIGHTS, scored((name, town, weight)), 0.5)[0]
    assert counted >= probability
    assert counted == probability or counted <= max(probability, SHY * 0.5)
