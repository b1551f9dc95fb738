"""Logs as they come: dates, amounts, separators, missing values, and what is summed up of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from models.btyd.history import spent, summary
from models.btyd.log import UnusableLogError, amounts, dates, read


@pytest.mark.parametrize(
    "written",
    [
        ["2010-12-01 08:26:00", "2010-12-13 23:59:59"],
        ["2010-12-01T23:30:00+08:00", "2010-12-13T00:10:00Z"],
        ["12/1/2010 8:26", "12/13/2010 9:01"],
        ["01/12/2010", "13/12/2010"],
        ["01.12.2010", "13.12.2010"],
        ["20101201", "20101213"],
        ["2010年12月01日", "2010年12月13日"],
        ["01-Dec-2010", "13-Dec-2010"],
        ["01-12-2010", "13-12-2010"],
        [20101201, 20101213],
        list(pd.to_datetime(["2010-12-01 08:00", "2010-12-13 09:00"]).tz_localize("Asia/Shanghai")),
    ],
)
def test_dates_are_those_of_the_logs_own_clock(written: list[object]) -> None:
    assert dates(pd.Series(written)).tolist() == [pd.Timestamp("2010-12-01"), pd.Timestamp("2010-12-13")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["1,234.50", "-3", "0"], [1234.5, -3.0, 0.0]),
        (["$1,234.50", "($20.00)", "-$3"], [1234.5, -20.0, -3.0]),
        (["1.234,50 €", "12,5", "-7,25"], [1234.5, 12.5, -7.25]),
        (["¥1,234", "￥２０", "5-"], [1234.0, 20.0, -5.0]),
        (["1,234", "2,500,000", "12"], [1234.0, 2500000.0, 12.0]),
        ([1.5, -2, 0], [1.5, -2.0, 0.0]),
    ],
)
def test_amounts_are_read_as_they_are_written(written: list[object], meant: list[float]) -> None:
    assert amounts(pd.Series(written)).tolist() == meant


def test_a_days_rows_are_one_and_rows_without_a_customer_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "who;when;money;note\n007;2025-01-01 09:00;5,50;a\n007;2025-01-01 17:00;4,50;b\n;2025-01-02;1,00;c\n8;2025-01-03;-2,00;d\n"
    )
    log = read(tmp_path / "log.csv", "who", "when", "money")
    assert log["customer"].tolist() == ["007", "8"]
    assert log["amount"].tolist() == [10.0, -2.0]
    assert log.attrs["left_out"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_customers_written_in_chinese_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = "客户,日期,金额\n张伟,2025-01-01,5\n李伟,2025-01-01,7\n"
    (tmp_path / "log.csv").write_text(text, encoding=encoding)
    log = read(tmp_path / "log.csv", "客户", "日期", "金额")
    assert dict(zip(log["customer"], log["amount"], strict=True)) == {"张伟": 5.0, "李伟": 7.0}


def test_bytes_of_no_encoding_are_refused_in_customers_and_passed_over_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(b"who,when,money,note\na,2025-01-01,5,\xff\xff\n")
    assert read(file, "who", "when", "money")["customer"].tolist() == ["a"]
    with pytest.raises(UnusableLogError, match="can't be told apart"):
        read(file, "note", "when", "money")


def test_integer_customers_stay_integers(tmp_path: Path) -> None:
    pd.DataFrame(
        {"who": [3, 1], "when": pd.to_datetime(["2025-01-01", "2025-01-02"]), "money": [1.0, 2.0]}
    ).to_parquet(tmp_path / "log.parquet")
    assert read(tmp_path / "log.parquet", "who", "when", "money")["customer"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who,when,money\na,2025-13-45,1\n", "values of 'when'"),
        ("who,when,money\n,2025-01-01,1\n", "no row has"),
        ("", "can't be read"),
    ],
)
def test_what_cant_be_read_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(UnusableLogError, match=told):
        read(tmp_path / "log.csv", "who", "when", "money")


def test_a_history_is_what_was_known_by_the_day() -> None:
    log = pd.DataFrame(
        [
            ("a", 0, 10.0),
            ("a", 7, 20.0),
            ("a", 21, 30.0),
            ("a", 100, 99.0),
            ("b", 20, 0.0),
            ("c", 5, -4.0),
            ("b", 27, -1.0),
        ],
        columns=["customer", "day", "amount"],
    )
    rows = summary(log, 28)
    assert rows.index.tolist() == ["a", "b"]
    a = rows.loc["a"]
    assert (a["x"], a["t_x"], a["T"], a["n"], a["mean"]) == (2, 3, 4, 3, 20.0)
    assert (a["spent_4"], a["times_4"], a["repeated_13"], a["last_amount"]) == (50.0, 2, 50.0, 30.0)
    assert (a["pace"], a["unevenness"]) == pytest.approx((1.5, 1 / 3))
    assert rows.loc["b", "mean"] == 0.0
    assert spent(log, rows.index, 20, 100).tolist() == [129.0, 0.0]
