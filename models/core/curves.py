"""Scores with the survival curve of every row, horizon by horizon: of a hazard both follow from the same probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from conf.models import ScoreSpec
from models.core.champions import Champion
from models.core.encoding import Matrix
from models.core.metrics import Floats
from models.core.scoring import OUTPUT_DDL, scored, told
from models.core.survival import Hazard, monthly_hazards

CURVE_DDL: Final = "curve array<struct<months:int,probability:double,hazard:double>>"


def score_with_curve(
    rows: DataFrame, champion: Champion, keep: Sequence[str], spec: ScoreSpec, beyond: Sequence[int]
) -> DataFrame:
    """What `score` tells, and `curve`: for each horizon its months, the calibrated probability of being gone by then, and
    the monthly hazard within the span that ends there.

    Horizons are the champion's own and those of `beyond` that lie beyond them. A champion of one horizon alone gives
    a constant hazard.
    """
    return told(
        rows,
        champion,
        keep,
        lambda x: scored_with_curve(x, champion, spec, beyond),
        f"{OUTPUT_DDL}, {CURVE_DDL}",
    )


def scored_with_curve(
    x: Matrix, champion: Champion, spec: ScoreSpec, beyond: Sequence[int]
) -> list[pa.Array]:
    """The columns of `score_with_curve` for each row of `x`; the champion is asked once."""
    raw, ends, gone = _said(champion, x)
    return [*scored(x, raw, champion, spec), _curve(*carried(gone, ends, beyond))]


def _said(champion: Champion, x: Matrix) -> tuple[Floats, tuple[int, ...], Matrix]:
    """The raw output, the champion's horizons, and rows × horizons of calibrated probabilities."""
    scorer = champion.scorer
    if champion.periods is None or not isinstance(scorer, Hazard):
        raw = scorer.raw(x)
        return raw, (champion.horizon_months,), champion.calibration.apply(raw)[:, None]
    gone = scorer.gone(x)
    return gone[:, -1], champion.periods.ends, champion.periods.calibrated(gone)


def carried(gone: Matrix, ends: Sequence[int], beyond: Sequence[int]) -> tuple[tuple[int, ...], Matrix]:
    """The same with the horizons that lie beyond, at the mean monthly hazard up to the last known one.

    The mean, because within one short span a calibrated curve may stand still, and for ever is too long to infer that.
    """
    further = tuple(m for m in beyond if m > ends[-1])
    there = (1 - gone[:, -1:]) ** (np.asarray(further, dtype=np.float64) / ends[-1])
    return (*ends, *further), np.column_stack([gone, 1 - there])


def _curve(ends: Sequence[int], gone: Matrix) -> pa.Array:
    """One list a row, one entry a horizon."""
    months = np.tile(np.asarray(ends, dtype=np.int32), len(gone))
    made = [pa.array(months), pa.array(gone.ravel()), pa.array(monthly_hazards(gone, ends).ravel())]
    points = pa.StructArray.from_arrays(made, ["months", "probability", "hazard"])
    starts = np.arange(len(gone) + 1, dtype=np.int32) * len(ends)
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), points)
