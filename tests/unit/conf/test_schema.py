"""Schemas that would break the rules of classification can't be made."""

from __future__ import annotations

import pytest

from jobs.core.schema import SchemaError, column, schema

KEY = column("id", "string", level=2, category="key", meaning="id")
NAME = column("name", "string", level=4, category="direct_identifier", meaning="name")
SUM = column("sum", "decimal(18,2)", level=3, category="financial", meaning="sum")


def test_a_direct_identifier_needs_a_restricted_table() -> None:
    with pytest.raises(SchemaError, match="apart"):
        schema(KEY, NAME, key="id", subject="id")
    assert schema(KEY, NAME, key="id", subject="id", restricted=True).restricted


def test_a_personal_row_needs_a_subject() -> None:
    with pytest.raises(SchemaError, match="erased"):
        schema(KEY, SUM, key="id")


def test_statistics_are_kept_of_keys_and_dates_alone() -> None:
    assert schema(KEY, SUM, key="id", subject="id").statistics == ["id"]


@pytest.mark.parametrize(
    ("level", "category", "meaning"),
    [(0, "key", "x"), (6, "key", "x"), (1, "nonsense", "x"), (1, "key", " ")],
)
def test_a_column_without_classification_fails(level: int, category: str, meaning: str) -> None:
    with pytest.raises(SchemaError):
        column("c", "string", level=level, category=category, meaning=meaning)  # type: ignore[arg-type]
