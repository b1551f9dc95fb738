"""What every canonical table shares: where a row came from, when it was so, and when the bank could know it."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame

from jobs.core.schema import Column, Schema, column, schema

PROVENANCE: Final = (
    column("source", "string", level=1, category="technical", meaning="system that delivered the row"),
    column("valid_from", "date", level=1, category="time", meaning="business date from which it was so"),
    column("known_from", "date", level=1, category="time", meaning="date on which the bank could know it"),
    column("batch_id", "string", level=1, category="technical", meaning="delivery that brought the row"),
)
DELETED: Final = column(
    "is_deleted",
    "boolean",
    level=1,
    category="technical",
    meaning="true where a full delivery left the key out",
)


def entity(
    *columns: Column, key: str, subject: str | None = None, restricted: bool = False, personal: bool = True
) -> Schema:
    """A table of versions: one row per key and change; the last by (valid_from, known_from) is current."""
    return schema(
        *columns,
        *PROVENANCE,
        DELETED,
        key=(key, "valid_from", "known_from"),
        subject=subject,
        restricted=restricted,
        personal=personal,
    )


def fact(
    *columns: Column,
    key: str | tuple[str, ...],
    subject: str | None = None,
    restricted: bool = False,
    personal: bool = True,
) -> Schema:
    """A table of facts: one row per key, never changed."""
    return schema(*columns, *PROVENANCE, key=key, subject=subject, restricted=restricted, personal=personal)


def as_mapped(rows: DataFrame) -> DataFrame:
    """The conformed rows as the source contracts mapped them, nothing added."""
    return rows
