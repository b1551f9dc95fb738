"""A log of transactions: read as it comes, and summed up by customer as of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.dataset

WEEK: float = 7.0
PARQUET: Final = frozenset({".parquet", ".pq"})
FORMS: Final = (
    "%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y", "%Y.%m.%d",
    "%Y年%m月%d日", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%y", "ISO8601",
)  # fmt: skip
TIME: Final = r"[T ]\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm])?( ?(Z|[+-]\d\d(:?\d\d)?))?$"
"""A time of day at a date's end, with its offset from UTC."""
LOST: Final = "\ufffd"
"""What stands for bytes that no encoding could read."""


class UnusableLogError(ValueError):
    """A log that can't be used; the remedy after a semicolon."""


def read(file: Path, customer: str, day: str, amount: str) -> pd.DataFrame:
    """The columns customer (as it is; of a text file as text), day (days since 1970), amount: one row a customer and day, amounts of the day summed.

    CSV (comma, semicolon, tab, bar or blanks; UTF-8 or GB18030) or Parquet; only these columns are held. Rows without a customer, a date or
    an amount are left out, their number in `.attrs["left_out"]`. Raises UnusableLogError.
    """
    table = _table(file, (customer, day, amount))
    days, sums = dates(table[day]), amounts(table[amount])
    for name, values in ((day, days), (amount, sums)):
        bad = values.isna() & table[name].notna()
        if bad.sum() > 0.01 * len(table):
            # The first row's number and not its value: a value may be personal.
            raise UnusableLogError(
                f"{file}: {int(bad.sum()):,} of {len(table):,} values of {name!r} can't be read, the first in row "
                f"{int(bad.to_numpy().argmax()) + 1}; give another column"
            )
    who = table[customer]
    if pd.api.types.is_string_dtype(who):
        who = who.str.strip().replace("", None)
        if who.str.contains(LOST, regex=False).any():
            raise UnusableLogError(
                f"{file}: {customer!r} is neither UTF-8 nor GB18030, so customers can't be told apart; save it as UTF-8"
            )
    rows = pd.DataFrame({"customer": who, "day": days, "amount": sums}).dropna()
    left_out = len(table) - len(rows)
    if rows.empty:
        raise UnusableLogError(f"{file}: no row has a customer, a date and an amount; check the columns")
    rows["day"] = (rows["day"] - pd.Timestamp(0)).dt.days
    summed = rows.groupby(["customer", "day"], as_index=False)["amount"].sum()
    summed.attrs["left_out"] = left_out
    return summed


def _table(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not file.exists():
        raise UnusableLogError(f"there is no file {file}; check the path")
    try:
        return (
            _parquet(file, columns)
            if file.is_dir() or file.suffix.lower() in PARQUET
            else _csv(file, columns)
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowInvalid, OSError) as error:
        raise UnusableLogError(f"{file}: can't be read ({error}); save it as UTF-8 CSV or Parquet") from None


def _parquet(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    _there(file, columns, pyarrow.dataset.dataset(file).schema.names)
    return pd.read_parquet(file, columns=list(dict.fromkeys(columns)))


def _csv(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """In the first encoding that reads all of it; else what can be read, for a stray byte in a column that nobody asks for."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return _decoded(file, columns, encoding, "strict")
        except UnicodeDecodeError:
            continue
    return _decoded(file, columns, "utf-8-sig", "replace")


def _decoded(file: Path, columns: tuple[str, ...], encoding: str, errors: str) -> pd.DataFrame:
    with file.open(encoding=encoding, errors=errors) as lines:
        head = lines.readline().strip()
    best = max(",;\t|", key=head.count)
    separator = best if head.count(best) else r"\s+"
    options: dict[str, Any] = {
        "dtype": str, "sep": separator, "skipinitialspace": True, "encoding": encoding, "encoding_errors": errors,
    }  # fmt: skip
    names = list(pd.read_csv(file, nrows=0, **options).columns)
    _there(file, columns, [str(name).strip() for name in names])
    chosen = [name for name in names if str(name).strip() in columns]
    return pd.read_csv(file, usecols=chosen, **options).rename(columns=lambda name: str(name).strip())


def _there(file: Path, columns: tuple[str, ...], held: list[str]) -> None:
    for column in columns:
        if column not in held:
            raise UnusableLogError(
                f"{file}: there is no column {column!r}; its columns are {', '.join(map(str, held))}"
            )


def dates(values: pd.Series) -> pd.Series:
    """Days as the log's own clock shows them, whatever its time zone; NaT where unreadable.

    Text takes the one form of FORMS that reads most: a log has one order of day and month.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None).dt.normalize()
    # Times of day only multiply the forms: the date is the part before them. An offset follows a time: 15-03-2024 has none.
    text = values.astype(str).str.strip().str.replace(TIME, "", regex=True)
    once = pd.Series(text.unique())
    best = pd.Series(pd.NaT, index=once.index)
    for form in FORMS:
        tried = pd.to_datetime(once, format=form, errors="coerce")
        if tried.notna().sum() > best.notna().sum():
            best = tried
        if best.notna().all():
            break
    return text.map(dict(zip(once, best.dt.normalize(), strict=True)))


def amounts(values: pd.Series) -> pd.Series:
    """Numbers, also with separators of thousands, a decimal comma, a currency, a trailing minus or (brackets) for a minus."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float)
    text = values.astype(str).str.normalize("NFKC").str.replace("\u2212", "-").str.strip()
    minus = text.str.match(r"^\(.*\)$|^[^\d]*-|.*-$")
    digits = text.str.replace(r"^[^\d.,]+|[^\d]+$", "", regex=True)
    if _decimal_comma(digits):
        digits = digits.str.replace(r"[.'\s]", "", regex=True).str.replace(",", ".", regex=False)
    found = pd.to_numeric(digits.str.replace(r"[,'\s]", "", regex=True), errors="coerce")
    return found.where(~minus.astype(bool), -found)


def _decimal_comma(digits: pd.Series) -> bool:
    """Whether a comma marks the decimals in this column: 12,50 or 1.234,5 occur, and no 1,234.5 or 12.50."""
    comma = digits.str.match(r"^\d+,\d{1,2}$|^\d{1,3}(\.\d{3})*,\d+$") & ~digits.str.match(r"^\d{1,3},\d{3}$")
    point = digits.str.match(r"^\d+\.\d{1,2}$|^\d{1,3}(,\d{3})+\.\d+$")
    return bool(comma.sum() > point.sum())


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days
