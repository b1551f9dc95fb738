"""The label of a plain table: which of its values is the case to foretell."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.core.errors import UsageError
from models.core.metrics import Floats

POSITIVE: Final = ("1", "1.0", "true", "yes", "y")
"""What counts as the positive value of a label, where none is named."""
NEGATIVE: Final = ("0", "0.0", "false", "no", "n")


def outcomes(table: pa.Table, name: str, positive: Any = None) -> tuple[Floats, Any]:
    """1 for each positive case and 0 for the others, and the value that is positive.

    Raises UsageError where the column is missing, has nulls or not exactly two values, or where it isn't plain which of them
    is the positive one.
    """
    column = _whole(table, name)
    values = pc.unique(column).to_pylist()
    if len(values) != 2:
        raise UsageError(
            f"label {name!r} has {len(values)} value{'s' * (len(values) != 1)}, not two",
            "make it true where the case happened, false where it didn't",
        )
    chosen = _positive(name, values, positive)
    return np.asarray(pc.equal(column, pa.scalar(chosen, column.type)), dtype=np.float64), chosen


def outcomes_again(table: pa.Table, name: str, positive: Any) -> Floats:
    """The same for later rows, of which all may be of one kind. Raises UsageError as `outcomes`."""
    column = _whole(table, name)
    try:
        chosen = pa.scalar(positive, column.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise UsageError(
            f"label {name!r} was {positive!r} for cases in training and holds {column.type} now",
            "convert it first",
        ) from None
    return np.asarray(pc.equal(column, chosen), dtype=np.float64)


def _whole(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise UsageError(f"there is no label {name!r}", f"columns are {', '.join(table.column_names)}")
    column = table[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if column.null_count:
        raise UsageError(
            f"label {name!r} is null in {column.null_count} of {len(column)} rows",
            "leave out rows whose outcome isn't known",
        )
    return column


def _positive(name: str, values: list[Any], positive: Any) -> Any:
    told = " and ".join(repr(v) for v in values)
    if positive is not None:
        if positive not in values:
            raise UsageError(f"label {name!r} has {told}, not {positive!r}", "name one of them as positive")
        return next(v for v in values if v == positive)
    plain = {str(v).strip().lower(): v for v in values}
    yes = [v for word, v in plain.items() if word in POSITIVE]
    no = [v for word, v in plain.items() if word in NEGATIVE]
    if len(yes) == 1 and len(no) == 1:
        return yes[0]
    raise UsageError(f"label {name!r} has {told}", "say which is the case with positive=")
