from __future__ import annotations

import pandas as pd

from conf.linkage import ColumnConf
from models.linkage.birth import dates, without_placeholders
from models.linkage.normalising import normalised


def test_what_is_not_known_of_a_date_is_left_out() -> None:
    given = pd.Series(["1980-02-03", "1980", "1985-03", "1980-00-00", "5 January 1777", None, "3/2/47"])
    assert dates(given).tolist()[:6] == ["19800203", "1980", "198503", "1980", "17770105", None]
    assert dates(given).tolist()[6] == "19470302"


def test_each_source_writes_dates_in_its_own_way() -> None:
    table = pd.DataFrame({"born": ["03/02/1980", "31/12/1980", "02/03/1980", "12/31/1980"]})
    source = pd.Series(["eu", "eu", "us", "us"])
    found = normalised(table, {"born": ColumnConf(meaning="date of birth")}, source)
    assert found["born"].tolist() == ["19800203", "19801231", "19800203", "19801231"]


def test_many_a_new_years_day_means_that_only_the_year_is_known() -> None:
    some = pd.Series([f"1980{month:02d}{day:02d}" for month in (3, 4) for day in range(1, 29)])
    assert without_placeholders(some).tolist() == some.tolist()
    usual = pd.concat([some, pd.Series(["19510101", "19620101", "19620101"])], ignore_index=True)
    assert without_placeholders(usual).tolist()[-3:] == ["1951", "1962", "1962"]


def test_one_date_over_and_over_stands_for_an_unknown_one() -> None:
    some = pd.Series(
        [f"19{year}0{month}{day}" for year in range(40, 90) for month in (3, 5) for day in range(11, 16)]
    )
    read = without_placeholders(pd.concat([some, pd.Series(["19000203"] * 30)], ignore_index=True))
    assert read.iloc[-30:].isna().all()
    assert read.iloc[:-30].notna().all()
