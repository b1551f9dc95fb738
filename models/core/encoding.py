"""Features as LightGBM takes them: one float matrix; text by its place in a frozen list, unknown values missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType, StringType

from jobs.core.errors import OnebookError

Matrix = npt.NDArray[np.float64]
MAX_VALUES: Final = 50
"""A text feature with more values than this is a key, not a category, and does not train."""


class MissingFeaturesError(OnebookError):
    """The feature table lacks columns that the champion was trained with; the message names them."""


def usable(frame: DataFrame, keys: Iterable[str], excluded: Iterable[str]) -> list[str]:
    """Numeric, boolean and text columns of a feature table that may train, in its order."""
    barred = [*keys, *excluded]
    kinds = (NumericType, BooleanType, StringType)
    return [
        f.name
        for f in frame.schema.fields
        if isinstance(f.dataType, kinds) and not any(fnmatchcase(f.name, p) for p in barred)
    ]


def varied(table: pa.Table, features: Sequence[str]) -> list[str]:
    """Those of `features` that aren't one and the same in every row, missing included.

    One that never varied teaches nothing, yet would count as drifted on the first day that it does: a window longer
    than the history that trained is such.
    """
    return [n for n in features if len(pc.unique(table[n])) > 1]


def categories_of(table: pa.Table, features: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The sorted values of each text feature of a training table."""
    text = [
        n for n in features if pa.types.is_string(table[n].type) or pa.types.is_large_string(table[n].type)
    ]
    return {n: tuple(sorted(v for v in pc.unique(table[n]).to_pylist() if v is not None)) for n in text}


def encoded(features: Sequence[str], categories: Mapping[str, Sequence[str]]) -> list[Column]:
    """Spark columns as doubles under their own names: the same numbers in training and in scoring."""
    return [_encoded(name, categories).alias(name) for name in features]


def _encoded(name: str, categories: Mapping[str, Sequence[str]]) -> Column:
    if name not in categories:
        return F.col(f"`{name}`").cast("double")
    place = F.array_position(F.array(*[F.lit(v) for v in categories[name]]), F.col(f"`{name}`"))
    return F.when(place > 0, (place - 1).cast("double"))


def matrix(table: pa.Table | pa.RecordBatch, features: Sequence[str]) -> Matrix:
    """Rows × features of doubles, null as nan."""
    out = np.empty((table.num_rows, len(features)))
    for i, name in enumerate(features):
        out[:, i] = pc.cast(table.column(name), pa.float64()).to_numpy(zero_copy_only=False)
    return out


def code(table: pa.Table, categories: Mapping[str, Sequence[str]]) -> pa.Table:
    """The table with each text feature replaced by its code (double), as `encoded` does in Spark."""
    for name, values in categories.items():
        place = pc.index_in(table[name], value_set=pa.array(values, table[name].type))
        table = table.set_column(table.column_names.index(name), name, pc.cast(place, pa.float64()))
    return table
