"""Batch scoring: a champion over a feature table, in Arrow batches, one thread per Spark worker.

Deterministic and row by row: neither batches nor partitions nor other customers move a customer's score, so an
incremental run and a full one agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from conf.models import ScoreSpec
from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.explanations import REASONS_DDL, reasons, spread
from models.core.handing import Handed, handed
from models.core.intervals import band_of
from models.core.metrics import Floats

OUTPUT_DDL: Final = (
    f"score double, calibrated double, low double, high double, percentile double, reasons {REASONS_DDL}"
)


def score(rows: DataFrame, champion: Champion, keep: Sequence[str], spec: ScoreSpec) -> DataFrame:
    """`keep` columns of each row with score (raw), calibrated, its interval low … high (null where the champion has
    none), percentile (0..1) and reasons.

    Raises MissingFeaturesError where `rows` lacks a feature of the champion.
    """
    return told(rows, champion, keep, lambda x: scored(x, champion.scorer.raw(x), champion, spec), OUTPUT_DDL)


def told(
    rows: DataFrame,
    champion: Champion,
    keep: Sequence[str],
    tell: Callable[[Matrix], list[pa.Array]],
    ddl: str,
) -> DataFrame:
    """`keep` columns of each row with those of `ddl`, which workers `tell` of rows × the champion's features.

    Raises MissingFeaturesError where `rows` lacks a feature of the champion.
    """
    known, how = handed(rows, _apart(keep), champion.features, champion.categories)
    made = _fields(ddl)
    teller = _teller(how, tuple(keep), tell, [field.name for field in made])
    return known.mapInArrow(teller, StructType([*(rows.schema[name] for name in keep), *made]))


def _fields(ddl: str) -> list[StructField]:
    parsed = StructType.fromDDL(ddl)
    assert isinstance(parsed, StructType)
    return parsed.fields


def tier_of(percentile: Column, tiers: Mapping[str, float]) -> Column:
    """The highest tier whose lowest percentile is reached."""
    found = F.lit(None).cast("string")
    for name, start in sorted(tiers.items(), key=lambda item: item[1]):
        found = F.when(percentile >= start, name).otherwise(found)
    return found


def percentiles(champion: Champion, raw: Floats) -> Floats:
    """Where each raw output stands in the champion's reference population, 0 … 1."""
    places = np.searchsorted(champion.quantiles, raw, side="right") - 1
    share: Floats = np.clip(places, 0, None) / max(1, len(champion.quantiles) - 1)
    return share


def _apart(keep: Sequence[str]) -> list[Column]:
    """Kept columns under names of their own: a feature may be kept as well."""
    return [F.col(name).alias(f"_keep_{name}") for name in keep]


def _teller(
    how: Handed, keep: tuple[str, ...], tell: Callable[[Matrix], list[pa.Array]], made: Sequence[str]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch, x in how.matrices(batches):
            kept = [batch.column(f"_keep_{name}") for name in keep]
            yield pa.RecordBatch.from_arrays([*kept, *tell(x)], names=[*keep, *made])

    return run


def scored(x: Matrix, raw: Floats, champion: Champion, spec: ScoreSpec) -> list[pa.Array]:
    """The columns of OUTPUT_DDL for each row of `x`, of which the champion says `raw`."""
    calibrated = champion.calibration.apply(raw)
    percentile = percentiles(champion, raw)
    top = np.flatnonzero(percentile >= spec.reasons_from_percentile)
    why = reasons(champion.scorer, x[top], champion.features, champion.categories, spec.reasons)
    figures = (pa.array(raw), pa.array(calibrated), *_bounds(champion, calibrated), pa.array(percentile))
    return [*figures, spread(why, top, len(x))]


def _bounds(champion: Champion, calibrated: Floats) -> list[pa.Array]:
    """The lower and upper ends, or nulls."""
    known = band_of(champion)
    if known is None:
        return [pa.nulls(len(calibrated), pa.float64())] * 2
    return [pa.array(end) for end in known.around(calibrated)]
