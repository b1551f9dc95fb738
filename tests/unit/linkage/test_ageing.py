"""Numbers that move on between sources: records and scored pairs in, numbers set back out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from conf.linkage import ColumnConf
from models.linkage.ageing import set_back

COLUMNS = {"name": ColumnConf(meaning="given name"), "age": ColumnConf(meaning="number")}


def census(
    years: int, people: int, bits: float = 12.0
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, pa.Table]:
    """Everybody twice, `years` apart; the first census has two people more."""
    age = np.arange(people) % 60 + 1
    values = pd.DataFrame({"age": [*map(str, age), "7", None, *map(str, age + years)]}, dtype=object)
    values.insert(0, "name", "ann")
    source = np.repeat([0, 1], [people + 2, people])
    pairs = np.column_stack([np.arange(people), np.arange(people) + people + 2])
    scored = pa.table(
        {"weight": np.full(people, bits), "bits_0": np.full(people, bits), "bits_1": np.zeros(people)}
    )
    return values, source, pairs, scored


def test_everybody_is_ten_years_older_in_a_later_census() -> None:
    values, source, pairs, scored = census(10, 100)
    found = set_back(values, COLUMNS, source, pairs, scored)
    assert found["age"].tolist() == [*values["age"][:102], *values["age"][:100]]


@pytest.mark.parametrize(("years", "people", "bits"), [(0, 100, 12.0), (10, 20, 12.0), (10, 100, -1.0)])
def test_nothing_is_moved_without_enough_likely_pairs_that_differ(
    years: int, people: int, bits: float
) -> None:
    values, source, pairs, scored = census(years, people, bits)
    assert set_back(values, COLUMNS, source, pairs, scored) is values


def test_which_census_comes_first_in_the_file_makes_no_difference() -> None:
    values, source, pairs, scored = census(10, 100)
    turned = set_back(
        values.iloc[::-1].reset_index(drop=True),
        COLUMNS,
        source[::-1],
        len(values) - 1 - pairs[:, ::-1],
        scored,
    )
    assert turned["age"].tolist()[::-1] == set_back(values, COLUMNS, source, pairs, scored)["age"].tolist()


def test_another_unit_is_converted_and_a_higher_price_is_not() -> None:
    values, source, pairs, scored = census(0, 100)
    kilograms = pd.to_numeric(values["age"]) + 50
    for factor, changed in ((2.2046, True), (1.05, False)):
        other = (
            (kilograms * np.where(source == 1, factor, 1))
            .map("{:.10g}".format)
            .where(kilograms.notna(), None)
        )
        found = set_back(values.assign(age=other), COLUMNS, source, pairs, scored)["age"]
        assert (found.tolist()[102:] == found.tolist()[:100]) is changed


def test_numbers_that_are_far_apart_without_a_rule_stay() -> None:
    values, source, pairs, scored = census(0, 100)
    drawn = np.random.default_rng(1).integers(1_000, 9_000, 100).astype(str)
    values["age"] = [*values["age"][:102], *drawn]
    assert set_back(values, COLUMNS, source, pairs, scored) is values
