"""What stewards said, in the lake: read as it stands, and added to by one commit that the ledger holds like any delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.cli.options import Place
from jobs.core.ledger import DeliveryEntry
from jobs.core.schema import Schema


def standing(where: Place, table: str) -> DataFrame | None:
    """A table as it stands; None where there is none."""
    return where.lake.read(where.spark, table) if where.lake.version(table) is not None else None


def column(where: Place, name: str, values: Iterable[str]) -> DataFrame:
    """One column of distinct values that people wrote."""
    return where.spark.createDataFrame([(v,) for v in sorted(set(values))], f"{name} string")


def known(where: Place, table: str, key: str, ids: Iterable[str], *told: str) -> dict[str, tuple[Any, ...]]:
    """Of rows taken in before: their ids and what they tell."""
    spoken = standing(where, table)
    if spoken is None:
        return {}
    same = spoken.join(column(where, key, ids), on=key, how="left_semi")
    return {row[0]: tuple(row)[1:] for row in same.select(key, *told).collect()}


def added(
    where: Place,
    table: str,
    schema: Schema,
    rows: Callable[[date, int], list[tuple[Any, ...]]],
    file: Path,
    content: str,
) -> int:
    """Add `rows` (of the book's date and the import's number) as one commit; returns the import's number."""
    spoken, as_of = standing(where, table), where.ledger.latest_as_of()
    assert as_of is not None
    last = spoken.agg(F.max("batch")).first() if spoken is not None else None
    batch = int((last[0] if last is not None else None) or 0) + 1
    made, kind = rows(as_of, batch), f"{table.split('.')[1]}s"
    frame = where.spark.createDataFrame(made, schema.spark)
    version = where.lake.append(frame, table, schema, {kind: len(made), "batch": batch})
    entry = DeliveryEntry(
        batch_id=f"{kind}-{batch}", table=table, business_date=as_of, kind=kind, content=content, files=[file.name],
        outcome="taken", taken_as_of=as_of, rows_in=len(made), rows_out=len(made), version=version,
    )  # fmt: skip
    where.ledger.deliver([entry])
    return batch
