"""A handful of records in, who is there twice out."""

from __future__ import annotations

import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.match import match

COLUMNS = {
    "truth": "truth",
    "given": "given name",
    "family": "family name",
    "born": "date of birth",
    "born_at": "birthplace",
    "town": "town",
}


def found(*rows: tuple[str, str, str, str, str, str]) -> list[int]:
    table = pd.DataFrame(rows, columns=[*COLUMNS])
    return [int(label) for label in match(table, LinkageConf.model_validate({"columns": COLUMNS})).labels]


def test_who_is_there_twice_is_found_among_six_records_and_one_who_moved_too() -> None:
    assert found(
        ("1", "Ann", "Smith", "1980-01-02", "York", "Leeds"),
        ("1", "Anne", "Smith", "1980-01-02", "York", "London"),
        ("2", "Bob", "Jones", "1975-05-06", "Bath", "Hull"),
        ("2", "Robert", "Jones", "1975-05-06", "Bath", "Hull"),
        ("3", "Cid", "Cole", "1990-12-12", "Wells", "Bath"),
        ("4", "Dora", "Lane", "1981-03-03", "Bath", "York"),
    ) == [0, 0, 2, 2, 4, 5]


def test_two_records_can_be_one_or_two() -> None:
    ann = ("1", "Ann", "Smith", "1980-01-02", "York", "Leeds")
    assert found(ann, ann) == [0, 0]
    assert found(ann, ("2", "Ben", "Smith", "1985-07-09", "York", "Leeds")) == [0, 1]
