from __future__ import annotations

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from stdnum.cn import ric, uscc

from jobs.columns import ids, names, phones


def value(spark: SparkSession, made: Column) -> object:
    row = spark.range(1).select(made.alias("it")).first()
    assert row is not None
    return row["it"]


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("110105194902300029", False),
        ("999999194912310022", None),
        ("1101051949123100", False),
    ],
)
def test_a_resident_id_needs_a_date_and_its_check_character(
    spark: SparkSession, number: str, right: bool | None
) -> None:
    expected = ric.calc_check_digit(number) == number[-1] if right is None else right
    assert value(spark, ids.is_resident_id(F.lit(number))) is expected


def test_fifteen_digits_become_eighteen(spark: SparkSession) -> None:
    assert value(spark, ids.upgraded_resident_id(F.lit("110105491231002"))) == "11010519491231002X"


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91350100M000100Y44"])
def test_a_credit_code_is_checked_as_the_standard_says(spark: SparkSession, code: str) -> None:
    assert value(spark, ids.is_credit_code(F.lit(code))) is uscc.is_valid(code)


@pytest.mark.parametrize(
    ("number", "country", "plain"),
    [
        ("13812345678", "86", "8613812345678"),
        ("+86 138 1234 5678", "86", "8613812345678"),
        ("0086-13812345678", "86", "8613812345678"),
        ("8613812345678", "86", "8613812345678"),
        ("010-8888 1234", "86", "861088881234"),
        ("+420 601 234 567", "420", "420601234567"),
        ("13800000000", "86", None),
        ("n/a", "86", None),
    ],
)
def test_phones_are_written_one_way(
    spark: SparkSession, number: str, country: str, plain: str | None
) -> None:
    assert value(spark, phones.phone(F.lit(number), country)) == plain


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("张小明", "xiaomingzhang"),
        ("張曉銘", "xiaomingzhang"),
        ("Zhang Xiaoming", "xiaomingzhang"),
        ("XIAOMING ZHANG", "xiaomingzhang"),
        ("单雄信", "shanxiongxin"),
        ("欧阳修", "ouyangxiu"),
        ("", None),
    ],
)
def test_a_name_sounds_the_same_however_it_is_written(
    spark: SparkSession, name: str, sound: str | None
) -> None:
    assert (value(spark, names.sound(names.reading(F.lit(name)))) or None) == sound


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("北京华夏科技有限公司", "华夏科技"),
        ("华夏科技（集团）股份有限公司", "华夏科技"),
        ("深圳市大疆创新科技有限公司", "大疆创新科技"),
        ("Acme Trading Co., Ltd.", "acmetrading"),
        ("北京有限公司", "北京"),
    ],
)
def test_an_organisation_sheds_place_and_legal_form(spark: SparkSession, name: str, own: str) -> None:
    assert value(spark, names.organisation(F.lit(name))) == own
