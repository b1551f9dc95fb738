"""A frame of any library as features: which columns can train, what they are, and why the others can't.

Numbers, booleans, decimals and dates become doubles (a date: days before the row's own time, or since 1970); text and
categories stay text. A column that is constant, empty or a key is left out, and the reason told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.core.errors import UsageError
from models.core.encoding import MAX_VALUES, Matrix, MissingFeaturesError, categories_of, code, matrix

DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """The features in order; the values of text ones; which are dates, and the time column they are counted from."""

    features: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    dates: tuple[str, ...]
    time: str | None = None

    def matrix(self, frame: Any) -> Matrix:
        """Rows × features as doubles: unknown text and nulls are nan.

        Raises MissingFeaturesError for a column that isn't there, UsageError for one of another kind.
        """
        table = as_table(frame)
        if missing := [n for n in self.features if n not in table.column_names]:
            raise MissingFeaturesError(
                f"the frame lacks columns {', '.join(missing)}", "give those the model was trained on"
            )
        if self.dates and self.time and self.time not in table.column_names:
            raise MissingFeaturesError(
                f"the frame lacks column {self.time}", "dates count from it: give it too"
            )
        rows = pa.table({n: self._typed(table, n) for n in self.features})
        return (
            matrix(code(rows, self.categories), self.features) if self.features else np.empty((len(table), 0))
        )

    def _typed(self, table: pa.Table, name: str) -> pa.ChunkedArray:
        column = plain(table, name, self.time)
        is_text = pa.types.is_string(column.type)
        if pa.types.is_null(column.type):
            return column.cast(pa.string() if name in self.categories else pa.float64())
        if is_text != (name in self.categories) or pa.types.is_temporal(table[name].type) != (
            name in self.dates
        ):
            told = "text" if name in self.categories else "dates" if name in self.dates else "numbers"
            raise UsageError(
                f"column {name!r} held {told} in training and holds {table[name].type} now",
                "convert it first",
            )
        return column


def as_table(frame: Any) -> pa.Table:
    """An Arrow table of a pandas, Arrow or polars frame (anything that Arrow's stream interface knows).

    Raises UsageError for columns of mixed kinds and for names that occur twice.
    """
    try:
        table = frame if isinstance(frame, pa.Table) else _converted(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        named = str(error.args[-1]) if len(error.args) > 1 else str(error)
        raise UsageError(f"a column mixes kinds of values: {named}", "give each column one kind") from None
    except TypeError:
        raise UsageError(f"a {type(frame).__name__} isn't a frame", "give pandas, Arrow or polars") from None
    if twice := sorted({n for n in table.column_names if table.column_names.count(n) > 1}):
        raise UsageError(f"column {twice[0]!r} occurs twice", "rename one")
    return table


def _converted(frame: Any) -> pa.Table:
    """Pandas without its index; others through Arrow's stream interface."""
    if hasattr(frame, "columns") and hasattr(frame, "iloc"):
        names = [str(n) for n in frame.columns]
        if len(set(names)) < len(names):
            raise UsageError(f"column {max(names, key=names.count)!r} occurs twice", "rename one")
        return pa.Table.from_pandas(frame.set_axis(names, axis=1), preserve_index=False)
    return pa.table(frame)


def plain(table: pa.Table, name: str, time: str | None) -> pa.ChunkedArray:
    """The column as doubles or as text; infinite numbers are missing. Raises UsageError for lists and the like."""
    column = table[name]
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind) or pa.types.is_string(kind):
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _days(table, name, time)
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = pc.cast(column, pa.float64())
        return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    raise UsageError(f"column {name!r} holds {kind}", "leave it out, or make it numbers or text")


def _days(table: pa.Table, name: str, time: str | None) -> pa.ChunkedArray:
    """Days from the date to the row's own time, so that it means the same next year; else days since 1970."""
    days = instants(table[name])
    return pc.subtract(instants(table[time]), days) if time else days


def instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days since 1970 of dates and instants, with their fraction; numbers as they are."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        micros = column.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.float64())
        return pc.divide(micros, float(DAY_US))
    return pc.cast(column, pa.float64())


def columns_of(table: pa.Table, kept_out: Iterable[str], time: str | None) -> tuple[Columns, dict[str, str]]:
    """The features of a training table, and for each column left out the reason."""
    barred = set(kept_out)
    names = [n for n in table.column_names if n not in barred]
    typed = pa.table({n: plain(table, n, time if _countable(table, n, time) else None) for n in names})
    values = categories_of(typed, names)
    left = {n: why for n in names if (why := _unusable(typed, n, values))}
    features = tuple(n for n in names if n not in left)
    dates = tuple(n for n in features if pa.types.is_temporal(table[n].type))
    return Columns(features, {n: values[n] for n in features if n in values}, dates, time), left


def _countable(table: pa.Table, name: str, time: str | None) -> bool:
    """Whether a date can be counted from the time column: both are dates."""
    if not pa.types.is_temporal(table[name].type) or time is None:
        return time is not None
    if not pa.types.is_temporal(table[time].type):
        raise UsageError(
            f"column {name!r} is a date and the time {time!r} isn't", "make the time a date, or leave it out"
        )
    return True


def _unusable(table: pa.Table, name: str, values: Mapping[str, Sequence[str]]) -> str | None:
    different = pc.count_distinct(table[name], mode="all").as_py() if len(table) else 0
    if table[name].null_count == len(table):
        return "is empty"
    if different <= 1:
        return "is constant"
    if name in values and len(values[name]) > MAX_VALUES:
        return f"has {len(values[name])} values, more than {MAX_VALUES}: a key or free text"
    return None
