"""Levels as they follow from a meaning: pairs of values in, what was found out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conf.linkage import ColumnConf
from models.linkage.scoring import Scorer
from models.linkage.weights import Weights


def found(meaning: str, values: list[str]) -> list[str]:
    """The level of the first value beside each other one."""
    columns = {"name": ColumnConf.model_validate({"meaning": meaning})}
    pairs = np.array([[0, i] for i in range(1, len(values))])
    scorer = Scorer(pd.DataFrame({"name": values}), columns, pairs)
    weights = scorer.with_u(Weights(columns, prior=0.01), seed=1)
    labels = weights.labels("name")[::-1]
    return [labels[level] for level in scorer.score(weights)["level_0"].to_pylist()]


@pytest.mark.parametrize("meaning", ["given name", "middle name"])
def test_an_initial_and_a_short_form_are_told_from_another_name(meaning: str) -> None:
    told = found(meaning, ["william", "w", "wil", "j", "jim", "william"])
    assert told == ["initial or short form", "initial or short form", "differs", "differs", "same"]


@pytest.mark.parametrize(
    ("name", "others"),
    [("william", ["bill", "liam"]), ("pat", ["patricia", "paddy"]), ("mary ann", ["molly", "polly"])],
)
def test_people_are_called_by_other_forms_of_their_name(name: str, others: list[str]) -> None:
    assert found("given name", [name, *others, "george"]) == [
        "forms of one name",
        "forms of one name",
        "differs",
    ]


def test_a_family_name_has_no_short_form() -> None:
    assert found("family name", ["williamson", "w"]) == ["differs"]


def test_one_of_two_family_names_stands_for_both() -> None:
    told = found("family name", ["garcia lopez", "lopez", "garcia", "lope", "garcia lopez"])
    assert told == ["one name of a double one", "one name of a double one", "differs", "same"]


def test_small_numbers_have_a_level_between_one_apart_and_ten_per_cent() -> None:
    assert found("number", ["8", "9", "11", "19", "8"]) == [
        "one apart",
        "two or three apart",
        "differs",
        "same",
    ]
    assert found("number", ["1990", "1993"]) == ["within 2 %"]
