"""What Spark hands a Python worker of a row to be scored, and the matrix that the worker makes of it.

A row's features are its customer's vector (see jobs.core.vectors) and columns that were made for the model, in one array:
Spark hands each column over with a call of its own, an array's values in a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.core.vectors import Reader, Stored, cut, in_reading_order, rectangle, stored
from models.core.encoding import Matrix, MissingFeaturesError, encoded

MADE: Final = "features_made"


@dataclass(frozen=True, slots=True)
class Handed:
    """Places in a champion's matrix: `made` of what is in the rows' own array, `drawn` (by name) of what is in a vector."""

    known: Stored
    made: tuple[int, ...]
    drawn: Mapping[str, int]

    def matrices(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, Matrix]]:
        """Pieces of a task's batches, each with rows × features of doubles, null as nan; only to be read."""
        reader = Reader(self.known, list(self.drawn))
        for batch in batches:
            if not self.drawn:
                yield from ((piece, rectangle(piece.column(MADE))) for piece in cut(batch))
                continue
            for piece, vectors in reader.pieces(batch):
                yield piece, self._beside_made(piece, vectors) if self.made else vectors

    def _beside_made(self, batch: pa.RecordBatch, vectors: Matrix) -> Matrix:
        x = np.empty((batch.num_rows, len(self.made) + len(self.drawn)))
        x[:, self.made], x[:, list(self.drawn.values())] = rectangle(batch.column(MADE)), vectors
        return x


def handed(
    rows: DataFrame, kept: Sequence[Column], features: Sequence[str], categories: Mapping[str, Sequence[str]]
) -> tuple[DataFrame, Handed]:
    """`kept` columns of `rows` and what tells the features, in the order in which workers read; and how they make a matrix.

    A feature is the row's column of its name, else a value of its vector. Raises MissingFeaturesError where it is neither.
    """
    known = stored(rows)
    made = {i: name for i, name in enumerate(features) if name in rows.columns}
    drawn = {name: i for i, name in enumerate(features) if i not in made}
    if missing := sorted(set(drawn) - set(known.names)):
        raise MissingFeaturesError(f"the rows lack features {', '.join(missing)}", "make gold.feature anew")
    columns = [F.array(*encoded(list(made.values()), categories)).alias(MADE)] if made else []
    wanted = [*kept, *columns, *([F.col(known.column)] if drawn else [])]
    ordered = in_reading_order(rows.select(*wanted), known) if drawn else rows.select(*wanted)
    return ordered, Handed(known, tuple(made), drawn)
