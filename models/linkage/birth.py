"""Dates of birth as they are written: read, and those that only stand for an unknown one put aside."""

from __future__ import annotations

from typing import Final

import pandas as pd

WHOLE: Final = (
    "%Y-%m-%d", "%Y%m%d", "%m-%d-%Y", "%d-%m-%Y", "%m-%d-%y", "%d-%m-%y", "%d-%b-%Y", "%b-%d-%Y", "%d-%B-%Y",
    "%B-%d-%Y", "%Y-%b-%d", "%d-%b-%y", "%d%m%Y", "%m%d%Y",
)  # fmt: skip
MONTHS: Final = ("%Y-%m", "%m-%Y", "%b-%Y", "%B-%Y", "%Y%m")
NEW_YEARS_DAY: Final = 0.03
"""Share of the dates above which 1 January means that only the year is known (1 in 365 is to be expected)."""
COMMONEST: Final = 0.02
"""Share of the dates above which a single one stands for an unknown one, where there are ENOUGH."""
ENOUGH: Final = 500
LONGEST: Final = 8
"""Digits of a date at most; more are a number that stands for an unknown one, or no date."""
EARLIEST: Final = 1600
LATEST: Final = 2035


def dates(text: pd.Series) -> pd.Series:
    """Dates as yyyymmdd, read the way in which most of the column can be read; yyyymm or yyyy where no more is
    known; others as their digits.
    """
    known = pd.Series(text.dropna().unique(), dtype=object)
    if known.empty:
        return text
    head = known.astype(str).str.strip().str.replace(r"[T ]\d{1,2}:.*$", "", regex=True)
    plain = head.str.replace(r"[./,年月\s-]+", "-", regex=True).str.replace("日", "").str.strip("-")
    whole, month = _read(plain, WHOLE), _read(plain, MONTHS)
    digits = plain.str.replace(r"\D", "", regex=True)
    digits = digits.str.replace(r"^(\d{4})0000$", r"\1", regex=True).str.replace(
        r"^(\d{6})00$", r"\1", regex=True
    )
    digits = digits.where(digits.str.len() <= LONGEST, "")
    partly = month.dt.strftime("%Y%m").where(month.notna(), digits)
    read = whole.dt.strftime("%Y%m%d").where(whole.notna(), partly)
    by_value = dict(zip(known, read, strict=True))
    return text.map(lambda v: by_value.get(v) or None).astype(object).where(lambda v: v.notna(), None)


def _read(plain: pd.Series, formats: tuple[str, ...]) -> pd.Series:
    tries = [_in_time(pd.to_datetime(plain, format=f, errors="coerce"), short="%y" in f) for f in formats]
    best = sorted(tries, key=lambda t: -int(t.notna().sum()))
    result = best[0]
    for other in best[1:]:
        result = result.fillna(other)
    return result


def _in_time(read: pd.Series, *, short: bool) -> pd.Series:
    """Years of two digits in the past; no year that nobody on file was born in."""
    if short:
        read = read.mask(read.dt.year > LATEST, read - pd.DateOffset(years=100))
    return read.where(read.dt.year.between(EARLIEST, LATEST))


def without_placeholders(read: pd.Series) -> pd.Series:
    """`read` without one date that stands for an unknown one, and with the year alone where 1 January stands for it."""
    held = read.dropna().astype(str)
    whole = held[held.str.len() == 8]
    if whole.empty:
        return read
    counts = whole.value_counts()
    empty = counts.index[(counts > COMMONEST * len(whole)) & (len(whole) >= ENOUGH)]
    new_year = whole.str.endswith("0101")
    result = read.mask(read.isin(list(empty)))
    if new_year.mean() > NEW_YEARS_DAY:
        result = result.where(~result.index.isin(whole.index[new_year]), result.str[:4])
    return result.astype(object).where(result.notna(), None)
