"""Survival of every scored row, horizon by horizon: a champion's hazard over a feature table, in Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StructField, StructType

from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.handing import Handed, handed
from models.core.survival import Hazard, monthly_hazards

MADE: Final = ("months", "probability", "hazard")
Batches = Iterator[pa.RecordBatch]


def curve(rows: DataFrame, champion: Champion, keep: Sequence[str], beyond: Sequence[int]) -> DataFrame:
    """`keep` columns of each row once a horizon: months (int), the calibrated probability of being gone by then, and
    the monthly hazard within the span that ends there.

    Horizons are the champion's own and those of `beyond` that lie beyond them. A champion of one horizon alone gives
    a constant hazard.
    """
    kept = [rows.schema[name] for name in keep]
    made = [StructField("months", IntegerType()), *(StructField(n, DoubleType()) for n in MADE[1:])]
    known, how = handed(rows, [F.col(name) for name in keep], champion.features, champion.categories)
    told = _teller(champion, how, tuple(keep), tuple(beyond))
    return known.mapInArrow(told, StructType([*kept, *made]))


def known_by(champion: Champion, x: Matrix) -> tuple[tuple[int, ...], Matrix]:
    """The champion's horizons, and rows × horizons of calibrated probabilities."""
    scorer = champion.scorer
    if champion.periods is None or not isinstance(scorer, Hazard):
        return (champion.horizon_months,), champion.calibration.apply(scorer.raw(x))[:, None]
    return champion.periods.ends, champion.periods.calibrated(scorer.gone(x))


def carried(gone: Matrix, ends: Sequence[int], beyond: Sequence[int]) -> tuple[tuple[int, ...], Matrix]:
    """The same with the horizons that lie beyond, at the mean monthly hazard up to the last known one.

    The mean, because within one short span a calibrated curve may stand still, and for ever is too long to infer that.
    """
    further = tuple(m for m in beyond if m > ends[-1])
    there = (1 - gone[:, -1:]) ** (np.asarray(further, dtype=np.float64) / ends[-1])
    return (*ends, *further), np.column_stack([gone, 1 - there])


def _teller(
    champion: Champion, how: Handed, keep: tuple[str, ...], beyond: tuple[int, ...]
) -> Callable[[Iterable[pa.RecordBatch]], Batches]:
    def run(batches: Iterable[pa.RecordBatch]) -> Batches:
        for batch, x in how.matrices(batches):
            yield _told(batch, x, champion, keep, beyond)

    return run


def _told(
    batch: pa.RecordBatch, x: Matrix, champion: Champion, keep: Sequence[str], beyond: Sequence[int]
) -> pa.RecordBatch:
    ends, gone = known_by(champion, x)
    ends, gone = carried(gone, ends, beyond)
    row = np.repeat(np.arange(batch.num_rows), len(ends))
    months = np.tile(np.asarray(ends, dtype=np.int32), batch.num_rows)
    made = [pa.array(months), pa.array(gone.ravel()), pa.array(monthly_hazards(gone, ends).ravel())]
    kept = [batch.column(name).take(pa.array(row)) for name in keep]
    return pa.RecordBatch.from_arrays([*kept, *made], names=[*keep, *MADE])
