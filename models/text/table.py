"""A file of texts, read as it comes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

TIME: Final = r"[T ]\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?$"
"""A time of day at a date's end, with its offset from UTC."""


class UnusableTextError(ValueError):
    """Texts or labels that can't be used; the remedy after a semicolon."""


def read(file: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The given columns as text, in the file's order; an empty value is missing. CSV (UTF-8 or GB18030) or Parquet.

    Raises UnusableTextError where there is no such file or column.
    """
    if not file.exists():
        raise UnusableTextError(f"there is no file {file}; check the path")
    table = _parquet(file) if file.is_dir() or file.suffix.lower() in {".parquet", ".pq"} else _csv(file)
    for column in columns:
        if column not in table.columns:
            held = ", ".join(map(str, table.columns))
            raise UnusableTextError(f"{file}: there is no column {column!r}; its columns are {held}")
    chosen = table[list(dict.fromkeys(columns))].astype("object")
    text = chosen.where(chosen.isna(), chosen.astype(str)).apply(lambda column: column.str.strip())
    return text.where(text != "", None).reset_index(drop=True)


def dates(values: pd.Series, file: Path) -> pd.Series:
    """Days as the file's own clock shows them. Raises UnusableTextError where more than one in a hundred can't be read, or all are missing."""
    text = values.str.replace(TIME, "", regex=True)
    best = pd.Series(pd.NaT, index=values.index, dtype="datetime64[ns]")
    for form in ("ISO8601", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y年%m月%d日"):
        tried = pd.to_datetime(text, format=form, errors="coerce", utc=True).dt.tz_localize(None)
        best = tried if tried.notna().sum() > best.notna().sum() else best
    bad = int((best.isna() & values.notna()).sum())
    if bad > 0.01 * len(values):
        raise UnusableTextError(
            f"{file}: {bad:,} of {len(values):,} values of {values.name!r} are no dates; give another column"
        )
    if best.isna().all():
        raise UnusableTextError(f"{file}: {values.name!r} holds no date; give another column, or none")
    return best


def _parquet(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise UnusableTextError(f"{file}: not to be read as Parquet ({error}); check the file") from None


def _csv(file: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with file.open(encoding=encoding, newline="") as lines:
                header = next(csv.reader([lines.readline()]), [])
                separator = max(",;\t|", key="".join(header).count) if len(header) < 2 else ","
            return pd.read_csv(file, dtype=str, sep=separator, encoding=encoding, keep_default_na=False)
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise UnusableTextError(f"{file}: not to be read as CSV ({error}); check its quotes") from None
    raise UnusableTextError(f"{file}: neither UTF-8 nor GB18030; save it as UTF-8")
