"""Small frames of the tables that gold reads: what a test doesn't name is null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.registry import registry

D = date.fromisoformat


def rows(spark: SparkSession, table: str, *given: dict[str, Any]) -> DataFrame:
    """A frame with the declared schema of `layer.name`; dates may be written as text."""
    schema = registry().schemas[table]
    usual = {"batch_id": "b1", "source": "core", "is_deleted": False, "valid_from": "1990-01-01", "known_from": "1990-01-01"}  # fmt: skip
    filled = [
        {c.name: _value(c.type, row.get(c.name, usual.get(c.name))) for c in schema.columns} for row in given
    ]
    if unknown := {k for row in given for k in row} - set(schema.names):
        raise KeyError(f"{table} has no columns {sorted(unknown)}")
    loose = schema.spark
    for field in loose.fields:
        field.nullable = True
    return spark.createDataFrame([tuple(r[n] for n in schema.names) for r in filled], loose)


def _value(type_: str, value: Any) -> Any:
    if value is None:
        return None
    if type_ == "date" and isinstance(value, str):
        return D(value)
    if type_.startswith("decimal"):
        return Decimal(str(value))
    return value
