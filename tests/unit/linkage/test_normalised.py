from __future__ import annotations

import pandas as pd
import pytest

from conf.linkage import ColumnConf
from models.linkage.normalising import normalised, spelt


@pytest.mark.parametrize(
    ("meaning", "given", "expected"),
    [
        ("given name", "  Zoë-Ann ", "zoe ann"),
        ("family name", "O'Brien", "obrien"),
        ("family name", "N/A", None),
        ("phone", "+61 (0)2 9876 5432", "298765432"),
        ("phone", "12", None),
        ("e-mail", " Ann@Example.ORG ", "ann@example.org"),
        ("street", "12 High Street North", "12 high st n"),
        ("house number", "007b", "7b"),
        ("organisation name", "上海宝石科技有限公司", "上海宝石科技"),
        ("organisation name", "Acme (Holdings) Ltd.", "acme"),
        ("organisation name", "Company", "company"),
        ("organisation name", "J. P. Morgan S A", "jp morgan"),
        ("national id", "11010519491231002x", "11010519491231002X"),
        ("national id", "110105491231002", "11010519491231002X"),
        ("sex", "Female", "f"),
        ("sex", "男", "m"),
        ("postcode", "sw1a 1aa", "SW1A1AA"),
        ("given name", "Mrs. Ann", "ann"),
        ("given name", "Miss", "miss"),
        ("given name", "BABY BOY", None),
        ("given name", "Twin B", None),
        ("family name", "Smith-Jones III", "smith jones"),
        ("full name", "Dr John Smith Jr.", "john smith"),
        ("full name", "Van Dyke, Ann M.", "ann m van dyke"),
        ("full name", "John Smith, MD", "john smith md"),
        ("full name", "Oak Holdings, LLC", "oak holdings llc"),
        ("given name", "c10e", "cloe"),
        ("organisation name", "Nat'l Univ. of Ryde", "national university of ryde"),
        ("organisation name", "National University of Ryde", "national university of ryde"),
        ("number", "2 hr. 12 min.", "132"),
        ("number", "132 min", "132"),
        ("number", "6'2\"", "74"),
        ("number", "5 ft 11 in", "71"),
        ("phone", "(555) 555-5555", None),
        ("phone", "1234567890", None),
        ("phone", "０８２－６００５６３１３", "260056313"),
        ("national id", "999-99-9999", None),
        ("postcode", "00000", "00000"),
        ("e-mail", "noemail@clinic.example", None),
        ("e-mail", "nadia@clinic.example", "nadia@clinic.example"),
        ("organisation name", "ＡＢ科技（上海）有限公司", "ab科技"),
    ],
)
def test_values_are_made_comparable_by_their_meaning(meaning: str, given: str, expected: str | None) -> None:
    table = pd.DataFrame({"c": [given]})
    assert normalised(table, {"c": ColumnConf.model_validate({"meaning": meaning})})["c"].tolist() == [
        expected
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["1980-02-03", "1980-12-31"], ["19800203", "19801231"]),
        (["03/02/1980", "31/12/1980"], ["19800203", "19801231"]),
        (["02/03/1980", "12/31/1980"], ["19800203", "19801231"]),
        (["19800203", "19801399"], ["19800203", "19801399"]),
        (["1980年2月3日", None], ["19800203", None]),
        (["1980-02-03 00:00:00", "unknown"], ["19800203", None]),
    ],
)
def test_dates_are_read_as_most_of_the_column_can_be(given: list[str], expected: list[str]) -> None:
    table = pd.DataFrame({"c": pd.Series(given, dtype=object)})
    assert normalised(table, {"c": ColumnConf(meaning="date of birth")})["c"].tolist() == expected


def test_numbers_lose_no_digit_where_a_gap_made_the_column_float() -> None:
    table = pd.DataFrame({"c": [101.0, None]})
    assert normalised(table, {"c": ColumnConf(meaning="house number")})["c"].tolist() == ["101", None]


def test_homophones_are_spelt_alike() -> None:
    assert spelt(pd.Series(["张伟", "张玮", "ann"])).tolist() == ["zhangwei", "zhangwei", "ann"]


def test_what_very_many_bear_is_nobodys() -> None:
    own = [f"p{i}@example.org" for i in range(1_000)]
    table = pd.DataFrame({"c": [*own, *["desk@example.org"] * 41, *["ann@example.org"] * 12]})
    mails = normalised(table, {"c": ColumnConf(meaning="e-mail")})["c"]
    assert mails.isna().sum() == 41
    assert mails.tail(12).tolist() == ["ann@example.org"] * 12
