"""Many sources' columns of one row per customer and date, brought together by one exchange, however many the sources."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.core.links import ROW

ASKED: Final = -1
"""The source of the rows that are asked for: it brings no column."""
SOURCE: Final = "_source"
VALUES: Final = "_values"
TOLD: Final = "_told"


def gathered(rows: DataFrame, drawn: Sequence[DataFrame]) -> DataFrame:
    """`rows` (customer_id, as_of) with the columns of each of `drawn`, null where one says nothing of a row.

    Each of `drawn` has at most one row per customer and date, and doubles. Joining one after the other would write out
    ever wider rows, by a program of its own for each; so each source's doubles travel as one array, and are told apart
    where they have come together.
    """
    asked = rows.select(*ROW, F.lit(ASKED).alias(SOURCE), F.lit(None).cast("array<double>").alias(VALUES))
    sources = [_columns(frame) for frame in drawn]
    sent = [
        frame.select(*ROW, F.lit(n).alias(SOURCE), F.array(*names).alias(VALUES))
        for n, (frame, names) in enumerate(zip(drawn, sources, strict=True))
    ]
    together = reduce(DataFrame.unionByName, sent, asked).groupBy(*ROW).agg(_told())
    there = together.where(F.map_contains_key(TOLD, ASKED))
    apart = there.select(
        *ROW, *[F.try_element_at(TOLD, F.lit(n)).alias(f"{VALUES}{n}") for n in range(len(drawn))]
    )
    return apart.select(*ROW, *[column for n, names in enumerate(sources) for column in _unpacked(n, names)])


def _columns(frame: DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in ROW]


def _told() -> Column:
    return F.map_from_entries(F.collect_list(F.struct(SOURCE, VALUES))).alias(TOLD)


def _unpacked(source: int, names: Sequence[str]) -> list[Column]:
    return [F.get(f"{VALUES}{source}", F.lit(i)).alias(name) for i, name in enumerate(names)]
