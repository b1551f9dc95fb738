"""Silver frames in short form: what a test doesn't name is null."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank, open_bank
from jobs.core.schema import Schema
from jobs.identity import correction, golden_record
from jobs.identity.candidates import STATED_IN
from jobs.silver import address, contact_point, identifier, party, party_name, relationship

SCHEMAS: dict[str, Schema] = {
    "party": party.SCHEMA,
    "party_name": party_name.SCHEMA,
    "identifier": identifier.SCHEMA,
    "contact_point": contact_point.SCHEMA,
    "address": address.SCHEMA,
    "relationship": relationship.SCHEMA,
}
CROSSWALK = "party_id string, customer_id string, source string, kind string, is_live boolean"
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


@pytest.fixture
def golden(silver: Rows, spark: SparkSession, bank: Bank) -> Any:
    """golden({record: customer}, words of stewards, gone records, table=rows …): golden tables by name, without a party row bare ones."""

    def build(
        owners: dict[str, str],
        words: Sequence[Any] = (),
        gone: Sequence[str] = (),
        **tables: list[dict[str, Any]],
    ) -> dict[str, list[Any]]:
        rows = {"party": [{"party_id": p, "kind": "person"} for p in owners], **tables}
        owned = [(p, c, p.split("|")[0], "person", p not in gone) for p, c in owners.items()]
        built = golden_record.build(
            **{name: silver(name, *rows.get(name, [])) for name in STATED_IN}, bank=bank,
            crosswalk=spark.createDataFrame(owned, CROSSWALK),
            correction=spark.createDataFrame(list(words), correction.SCHEMA.spark),
        )  # fmt: skip
        return {name.removeprefix("identity."): frame.collect() for name, frame in built.items()}

    return build
