"""Silver frames in short form: what a test doesn't name is null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank, open_bank
from jobs.core.schema import Schema
from jobs.silver import address, contact_point, identifier, party, party_name, relationship

SCHEMAS: dict[str, Schema] = {
    "party": party.SCHEMA,
    "party_name": party_name.SCHEMA,
    "identifier": identifier.SCHEMA,
    "contact_point": contact_point.SCHEMA,
    "address": address.SCHEMA,
    "relationship": relationship.SCHEMA,
}
Rows = Callable[..., DataFrame]


@pytest.fixture
def silver(spark: SparkSession) -> Rows:
    """silver(table, row, …): rows as dicts; source and dates are filled from the party id and `on`."""

    def make(table: str, *rows: dict[str, Any]) -> DataFrame:
        schema = SCHEMAS[table]
        return spark.createDataFrame([_filled(schema, row) for row in rows], schema.spark)

    return make


def _filled(schema: Schema, row: dict[str, Any]) -> tuple[Any, ...]:
    on = row.get("on", date(2024, 1, 1))
    made = {"valid_from": on, "known_from": on, "batch_id": "b1", "is_deleted": False}
    if "party_id" in row:
        made["source"] = row["party_id"].split("|")[0]
    if schema.names[0] not in row and "party_id" in row:
        made[schema.names[0]] = row["party_id"] + "|" + str(row.get("scheme", row.get("kind", "")))
    whole = made | row
    return tuple(whole.get(name) for name in schema.names)


@pytest.fixture(scope="session")
def bank() -> Bank:
    """The demonstration bank's configuration."""
    return open_bank("demo")
