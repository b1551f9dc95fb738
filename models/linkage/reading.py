"""Tables read as they are: CSV, Parquet or Delta, every value of a text file as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from jobs.core.beside import opened


class UnreadableError(ValueError):
    """An input that can't be read, with the remedy."""


def read(files: Sequence[Path]) -> tuple[pd.DataFrame, pd.Series | None]:
    """The rows of all `files` under one another, and for several files each row's file name; for one file None.

    Columns that one file lacks are empty there. Raises UnreadableError.
    """
    tables = [_one(file) for file in files]
    if len(tables) == 1:
        return tables[0], None
    names = _distinct_names(files)
    origin = pd.Series([n for n, t in zip(names, tables, strict=True) for _ in range(len(t))])
    return pd.concat(tables, ignore_index=True), origin


def _one(file: Path) -> pd.DataFrame:
    if not file.exists():
        raise UnreadableError(f"there is no file {file}; check the path")
    try:
        table = _delta(file) if (file / "_delta_log").is_dir() else _plain(file)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{file}:{_odd_line(file)} isn't UTF-8; save the file as UTF-8") from error
    except pd.errors.EmptyDataError as error:
        raise UnreadableError(f"{file} is empty; give a file with a line of column names") from error
    except pd.errors.ParserError as error:
        raise UnreadableError(f"{file}: {_slip(error)}; quote values that hold the separator") from error
    except duckdb.Error as error:
        raise UnreadableError(
            f"{file} can't be read: {type(error).__name__}; give CSV (UTF-8), Parquet or Delta"
        ) from error
    if table.empty:
        raise UnreadableError(f"{file} holds no rows; give a file with at least two records")
    return table.rename(columns=lambda name: str(name).strip())


def _odd_line(file: Path) -> int:
    """The first line that isn't UTF-8."""
    with file.open("rb") as lines:
        return next((i for i, line in enumerate(lines, 1) if not _is_utf8(line)), 1)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _slip(error: Exception) -> str:
    """What pandas says of a line that has too many fields; nothing of values."""
    found = re.search(r"Expected \d+ fields in line \d+, saw \d+", str(error))
    return found[0].lower() if found else "a line can't be read"


def _plain(file: Path) -> pd.DataFrame:
    kind = file.suffix.lower()
    if kind in {".csv", ".tsv", ".txt"}:
        table = pd.read_csv(
            file,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            encoding="utf-8-sig",
            sep=_separator(file),
        )
        return table.replace("", None)
    if kind in {".parquet", ".pq"} or file.is_dir():
        pattern = f"{file}/**/*.parquet" if file.is_dir() else str(file)
        with opened() as connection:
            return connection.read_parquet(pattern).df()
    raise UnreadableError(
        f"{file}: unknown kind {kind or 'without ending'}; give .csv, .parquet or a Delta folder"
    )


def _separator(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as lines:
        head = lines.readline()
    return max(",;\t|", key=head.count)


def _delta(folder: Path) -> pd.DataFrame:
    """Through Spark, which alone reads every feature of Delta."""
    from conf.settings import load_settings  # noqa: PLC0415 - a session only for a Delta table
    from jobs.core import session  # noqa: PLC0415

    spark = session.start(load_settings())
    frame: pd.DataFrame = spark.read.format("delta").load(str(folder)).toArrow().to_pandas()
    return frame


def _distinct_names(files: Sequence[Path]) -> list[str]:
    stems = [f.stem for f in files]
    return stems if len(set(stems)) == len(stems) else [f"{i + 1}:{stem}" for i, stem in enumerate(stems)]
