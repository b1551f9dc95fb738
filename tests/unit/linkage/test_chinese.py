"""Chinese records: a table in, what it implies out."""

from __future__ import annotations

import pandas as pd
import pytest

from conf.linkage import LinkageConf
from models.linkage.chinese import implied, letters, understood
from models.linkage.normalising import street

CONF = LinkageConf.model_validate(
    {"columns": {"name": "full name", "born": "date of birth", "sex": "sex", "id_no": "national id"}}
)


def test_an_id_tells_birth_and_sex_unless_mistyped_or_another_kind() -> None:
    assert implied("11010519491231002X") == ("19491231", "f")
    assert implied("11010519491231003X") is None
    assert implied("H76646297") is None


def test_what_is_missing_follows_from_the_id_and_what_is_said_stays() -> None:
    rows = [("王芳", None, None, "11010519491231002X"), ("王芳", "1949", "f", "11010519491231002X"),
            ("李伟", "19500101", "m", "11010519491231002X"), ("李伟", None, None, None)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["name", "born", "sex", "id_no"])
    values, conf = understood(table, CONF)
    assert values["born"].tolist() == ["19491231", "19491231", "19500101", None]
    assert values["sex"].tolist() == ["f", "f", "m", None]
    assert conf.columns["name"].sound
    assert conf.columns["born"].sound is None


def test_where_nothing_is_chinese_all_stays_as_it_is() -> None:
    table = pd.DataFrame(
        {"name": ["ann lee"], "born": [None], "sex": ["f"], "id_no": ["123456789"]}, dtype=object
    )
    values, conf = understood(table, CONF)
    assert values.equals(table)
    assert conf == CONF


@pytest.mark.parametrize("other", ["闫玉", "ma xinmin", "蘇咏昊", "苏昊咏"])
def test_homophones_pinyin_traditional_and_swapped_characters_sound_the_same(other: str) -> None:
    same = {"闫玉": "严玉", "ma xinmin": "马欣敏", "蘇咏昊": "苏咏昊", "苏昊咏": "苏咏昊"}[other]
    one, two = letters(pd.Series([other, same]))
    assert one == two


@pytest.mark.parametrize("written", ["翠竹路228号9栋104室", "翠竹路228 9 104", "翠竹路228号9幢104"])
def test_an_address_is_the_same_with_and_without_its_units(written: str) -> None:
    assert street(written) == "翠竹路228 9 104"
