"""Values at three significant figures as whole numbers in the same order: alike in NumPy and in Spark.

A value 1.23e4 is exponent 4 and figures 123; its step counts 900 for each power of ten. Steps are equal where the values
agree in three figures, so that any number of rows shrinks to some thousand counts, and none is one person's exact amount.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from pyspark.sql import Column
from pyspark.sql import functions as F

LEAST: Final = 1e-9
"""Smaller amounts are nought."""
LOWEST: Final = -9
"""The exponent of LEAST."""
PER_POWER: Final = 900
"""Steps from 100 to 999."""
NUDGE: Final = 0.5 + 1e-9
"""Rounds to the nearest; halves go up whichever way a division errs in its last place."""

Steps = npt.NDArray[np.int64]


def steps(values: npt.NDArray[np.float64]) -> Steps:
    """The step of each value; all must be finite."""
    size = np.abs(values)
    nought = size < LEAST
    exponent = np.floor(np.log10(np.where(nought, 1.0, size)))
    figures = np.floor(size / np.power(10.0, exponent - 2) + NUDGE)
    away = (exponent - LOWEST) * PER_POWER + figures - 100 + 1
    found: Steps = np.where(nought, 0, np.sign(values) * away).astype(np.int64)
    return found


def step(value: Column) -> Column:
    """The step of a double, as `steps` gives it; null where it is null or not finite."""
    size = F.abs(value)
    exponent = F.floor(F.log10(size))
    figures = F.floor(size / F.pow(F.lit(10.0), exponent - 2) + NUDGE)
    away = (exponent - LOWEST) * PER_POWER + figures - 100 + 1
    known = value.isNotNull() & ~F.isnan(value) & (size < float("inf"))
    return F.when(known & (size < LEAST), 0).when(known, F.sign(value) * away).cast("int")
