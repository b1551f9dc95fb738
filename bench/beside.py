"""Figures of the models' scores in a lake beside the naive score's and the truth's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from models.core.evaluation import ERROR, FIGURES, Scored, with_intervals
from models.core.metrics import NAN, Floats
from models.core.trainable import Kind

Read = Callable[[str], DataFrame]


@dataclass(frozen=True)
class Figure:
    """One line of the table, ours with its interval; nan where there is nothing to measure."""

    model: str
    metric: str
    ours: float
    low: float
    high: float
    baseline: float
    oracle: float
    cases: int


@dataclass(frozen=True)
class Beside:
    """Scores of the same rows, measured alike; no oracle where the truth doesn't say so much."""

    ours: Scored
    naive: Floats
    oracle: Floats | None = None
    group: np.ndarray | None = None
    """Whose row it is, where somebody has several: they are drawn together."""

    def figures(self, model: str, kind: Kind, names: dict[str, str], cases: int, draws: int) -> list[Figure]:
        """The figures of `names` (as measured → as told)."""
        told = with_intervals(kind, self.ours, names=names, group=self.group, draws=draws)
        return [
            Figure(model, names[n], t.value, t.low, t.high, self._naive(kind, n), self._best(kind, n), cases)
            for n, t in told.items()
        ]

    def _naive(self, kind: Kind, name: str) -> float:
        # The naive scores order; they aren't probabilities.
        return NAN if name == ERROR[kind] else self.by(self.naive, kind, name)

    def _best(self, kind: Kind, name: str) -> float:
        return NAN if self.oracle is None else self.by(self.oracle, kind, name)

    def by(self, score: Floats, kind: Kind, name: str) -> float:
        """The figure of another score of the same rows."""
        return FIGURES[kind][name](replace(self.ours, raw=score, calibrated=score))


def latest(read: Read, table: str, columns: Iterable[str | Column]) -> tuple[pd.DataFrame, date | None]:
    """The table's rows of its last date, and that date; None of an empty table."""
    scores = read(table)
    last = scores.agg(F.max("as_of")).collect()[0][0]
    return frame(scores.where(F.col("as_of") == F.lit(last)).select(*columns)), last


def frame(rows: DataFrame) -> pd.DataFrame:
    """As pandas has it."""
    return pd.DataFrame(rows.toArrow().to_pandas())
