"""Names of what is wrong with a row, as an array: made of strings, for Spark compiles those, and lambdas not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

SEPARATOR: Final = "\x1f"


def none() -> Column:
    """An empty array<string>."""
    return F.array().cast("array<string>")


def named(marks: Iterable[Column]) -> Column:
    """array<string>: those of `marks` (strings, or null where nothing is wrong) that aren't null, in order."""
    found = list(marks)
    if not found:
        return none()
    together = F.concat_ws(SEPARATOR, *found)
    return F.when(together == "", none()).otherwise(F.split(together, SEPARATOR))
