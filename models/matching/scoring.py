"""Scored pairs: each candidate pair's probability and the weight that every field adds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.matching import RECORD_COLUMNS, Engine
from models.matching.blocking import MOVED
from models.matching.frequencies import FREQUENCY_TYPE, frozen_rows
from models.matching.model import MatchModel
from models.matching.on_duckdb import score_on_duckdb
from models.matching.on_spark import score_on_spark
from models.matching.surroundings import ALONE, Surroundings


def score(
    records: DataFrame,
    model: MatchModel,
    *,
    engine: Engine = "duckdb",
    unique_sources: tuple[str, ...] = (),
    around: Surroundings = ALONE,
) -> DataFrame:
    """Pairs of `records` (as models.matching.records.keyed gives) at or above the model's grey threshold; where these
    have a column `moved` (integer), only pairs whose two come to models.matching.blocking.ENOUGH together.

    Columns: record_l < record_r, probability, weight (bits, with the prior), fields (array of field, level:
    0 = otherwise, null = missing, weight in bits), certain (name of the exact rule, or null).
    Both engines give the same pairs. `duckdb` uses this machine alone, and its memory and disk.
    """
    chosen = records.select(*RECORD_COLUMNS, "keys", *(c for c in records.columns if c == MOVED))
    scorer = score_on_duckdb if engine == "duckdb" else score_on_spark
    return scorer(chosen, model, unique_sources, _frozen(records.sparkSession, model, around))


def _frozen(spark: SparkSession, model: MatchModel, around: Surroundings) -> Surroundings:
    rows: Any = frozen_rows(model)
    return replace(around, frequencies=spark.createDataFrame(rows, FREQUENCY_TYPE)) if rows else around
