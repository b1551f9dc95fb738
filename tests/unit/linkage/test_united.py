"""Columns that say one thing apart: a table in, a table out."""

from __future__ import annotations

import pandas as pd

from conf.linkage import LinkageConf
from models.linkage.normalising import normalised
from models.linkage.uniting import parted, united


def made(rows: dict[str, list[str | None]], meanings: dict[str, str]) -> pd.DataFrame:
    conf = LinkageConf.model_validate({"columns": meanings})
    values, told = united(normalised(pd.DataFrame(rows), conf.compared), conf)
    assert list(values.columns) == list(told.compared)
    return values


def test_two_sources_names_of_one_column_are_one() -> None:
    rows: dict[str, list[str | None]] = {"fname": ["Ann", None, "Bo"], "first": [None, "Ann", None]}
    values = made(rows, {"fname": "given name", "first": "given name"})
    assert values.to_dict("list") == {"fname": ["ann", "ann", "bo"]}


def test_two_lines_of_an_address_stay_two() -> None:
    rows: dict[str, list[str | None]] = {"line1": ["1 High St", "2 Low Rd"], "line2": ["Oak Farm", None]}
    assert list(made(rows, {"line1": "street", "line2": "street"})) == ["line1", "line2"]


def test_a_whole_name_is_taken_apart_where_others_have_it_in_parts() -> None:
    rows: dict[str, list[str | None]] = {
        "first": ["Ann", "Bo", None, None],
        "last": ["Van Dyke", "Lee", None, None],
        "name": [None, None, "Ann van Dyke", "Bo J Lee"],
    }
    values = made(rows, {"first": "given name", "last": "family name", "name": "full name"})
    assert values["first"].tolist() == ["ann", "bo", "ann", "bo"]
    assert values["last"].tolist() == ["van dyke", "lee", "van dyke", "lee"]
    assert "name" not in values


def test_a_whole_name_beside_its_parts_stays() -> None:
    rows: dict[str, list[str | None]] = {"first": ["Ann"], "last": ["Lee"], "name": ["Ann Lee"]}
    assert list(made(rows, {"first": "given name", "last": "family name", "name": "full name"})) == list(rows)


def test_the_family_name_may_come_first() -> None:
    assert parted("lee ann", (set(), set()), given_last=True) == ("ann", None, "lee")
    assert parted("李慧珊", (set(), set()), given_last=False) == ("慧珊", None, "李")
    assert parted("cher", (set(), set()), given_last=False) == (None, None, "cher")


def test_an_address_in_parts_is_put_together_where_others_have_it_whole() -> None:
    rows: dict[str, list[str | None]] = {
        "no": ["12", None], "street": ["Oak Street", None], "address": [None, "12 Oak St"], "zip": ["2145", "2145"],
    }  # fmt: skip
    meanings = {"no": "house number", "street": "street", "address": "full address", "zip": "postcode"}
    assert made(rows, meanings).to_dict("list") == {
        "address": ["12 oak st", "12 oak st"],
        "zip": ["2145", "2145"],
    }
