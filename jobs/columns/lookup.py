"""Values looked up in a few pairs that the configuration gives: margins by family, costs by channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F


def looked_up(told: Mapping[Any, Any], value: Column) -> Column:
    """What `told` has for each value; null where it has nothing."""
    if not told:
        return F.lit(None)
    return F.create_map(*[F.lit(x) for pair in told.items() for x in pair])[value]
