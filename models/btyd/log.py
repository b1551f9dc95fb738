"""A log of transactions: read as it comes, and summed up by customer as of a day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

WEEK: float = 7.0


class UnusableLogError(ValueError):
    """A log that can't be used; the remedy after a semicolon."""


def read(file: Path, customer: str, day: str, amount: str) -> pd.DataFrame:
    """The columns customer (as it is; of a text file as text), day (days since 1970), amount: one row a customer and day, amounts of the day summed.

    CSV (comma, semicolon, tab, bar or blanks) or Parquet. Raises UnusableLogError.
    """
    table = _table(file)
    for column in (customer, day, amount):
        if column not in table.columns:
            held = ", ".join(map(str, table.columns))
            raise UnusableLogError(f"{file}: there is no column {column!r}; its columns are {held}")
    dates = _dates(table[day])
    amounts = _amounts(table[amount])
    for name, values in ((day, dates), (amount, amounts)):
        if (bad := int((values.isna() & table[name].notna()).sum())) > 0.01 * len(table):
            raise UnusableLogError(
                f"{file}: {bad:,} of {len(table):,} values of {name!r} can't be read; give another column"
            )
    rows = pd.DataFrame({"customer": table[customer], "day": dates, "amount": amounts}).dropna()
    rows["day"] = (rows["day"] - pd.Timestamp(0)).dt.days
    return rows.groupby(["customer", "day"], as_index=False)["amount"].sum()


def _table(file: Path) -> pd.DataFrame:
    if not file.exists():
        raise UnusableLogError(f"there is no file {file}; check the path")
    if file.is_dir() or file.suffix.lower() in {".parquet", ".pq"}:
        return pd.read_parquet(file)
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        head = lines.readline().strip()
    best = max(",;\t|", key=head.count)
    separator = best if head.count(best) else r"\s+"
    table = pd.read_csv(
        file, dtype=str, sep=separator, skipinitialspace=True, encoding="utf-8-sig", encoding_errors="replace",
        engine="python" if separator == r"\s+" else "c",
    )  # fmt: skip
    return table.rename(columns=lambda name: str(name).strip())


def _dates(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None).dt.normalize()
    text = values.astype(str).str.strip()
    once = pd.Series(text.unique())
    best = pd.Series(pd.NaT, index=once.index)
    for form in (
        "%Y%m%d",
        "ISO8601",
        "%m/%d/%Y",
        "%d/%m/%Y",
        "%m/%d/%Y %H:%M",
        "%d/%m/%Y %H:%M",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "mixed",
    ):
        tried = pd.to_datetime(once, format=form, errors="coerce", utc=True).dt.tz_localize(None)
        if tried.notna().sum() > best.notna().sum():
            best = tried
        if best.notna().all():
            break
    return text.map(dict(zip(once, best.dt.normalize(), strict=True)))


def _amounts(values: pd.Series) -> pd.Series:
    """Numbers, also with thousands separators or a currency's sign: `$1,234.50`."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float)
    return pd.to_numeric(values.astype(str).str.replace(r"[^0-9.eE+-]", "", regex=True), errors="coerce")


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def horizon_end(until: date, weeks: int) -> date:
    """The last day foretold."""
    return until + timedelta(weeks=weeks)
