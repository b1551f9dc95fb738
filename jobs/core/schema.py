"""Table schemas: every column carries its type, classification level, category and meaning.

Levels follow JR/T 0197-2020 (financial data security): 1 public … 5 most sensitive. The catalog creates
tables from these records, docs/data-model.md is drawn from them, and a schema that would put a direct
identifier beside analytic columns, or a personal row without a subject key, cannot be constructed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, get_args

from pyspark.sql.types import DataType, StructField, StructType

Category = Literal[
    "key",  # surrogate keys and codes that name nobody by themselves
    "time",  # dates and instants
    "direct_identifier",  # names, ids, phones, addresses, free text about a person
    "quasi_identifier",  # birth date, sex, area …
    "financial",
    "behaviour",
    "risk",
    "preference",  # consents, interests, contact wishes
    "model",  # scores, probabilities, weights
    "reference",  # facts about products, branches, areas
    "technical",  # lineage, batches, versions
]
PERSONAL: Final = frozenset(
    {"direct_identifier", "quasi_identifier", "financial", "behaviour", "risk", "preference", "model"}
)


class SchemaError(ValueError):
    """A schema breaks the rules on classification; the message names the column and the remedy."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: Spark SQL type, level 1–5, category and a meaning for people."""

    name: str
    type: str
    level: int
    category: Category
    meaning: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns of one table, its primary key, and the column by which a person's rows can be erased.

    `personal=False` declares a table about things or totals (products, quality results): it needs no
    subject. `restricted=True` marks a table that holds direct identifiers, apart from analytic tables.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    subject: str | None = None
    restricted: bool = False
    personal: bool = True

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [c.name for c in self.columns]

    @property
    def spark(self) -> StructType:
        """The Spark type, each field's comment being its meaning; needs a running session.

        Every field is nullable to Spark: null keys are quarantined with a reason rather than refused mid-write.
        """
        return StructType(
            [StructField(c.name, _parse(c.type), True, {"comment": c.meaning}) for c in self.columns]
        )

    def __getitem__(self, name: str) -> Column:
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(name)

    @property
    def statistics(self) -> list[str]:
        """Columns whose min/max may stand in the Delta log: keys and times, never a personal value, no lists."""
        told = (c for c in self.columns if c.category in ("key", "time") and c.level <= 3)
        return [c.name for c in told if not c.type.startswith(("array", "map", "struct"))]


def column(
    name: str, type: str, *, level: int, category: Category, meaning: str, nullable: bool = True
) -> Column:
    """Declare one column; errors name the column and what is missing."""
    if not 1 <= level <= 5:
        raise SchemaError(f"column {name}: level {level} is not between 1 and 5")
    if category not in get_args(Category):
        raise SchemaError(f"column {name}: unknown category {category!r}; one of {get_args(Category)}")
    if not meaning.strip():
        raise SchemaError(f"column {name}: say what it means")
    return Column(name, type, level, category, meaning, nullable)


def schema(
    *columns: Column,
    key: str | Iterable[str],
    subject: str | None = None,
    restricted: bool = False,
    personal: bool = True,
) -> Schema:
    """A checked schema. Raises SchemaError where the classification rules are broken."""
    keys = (key,) if isinstance(key, str) else tuple(key)
    made = Schema(
        tuple(replace(c, nullable=False) if c.name in keys else c for c in columns),
        keys,
        subject,
        restricted,
        personal,
    )
    _check(made)
    return made


def extend(base: Schema, *columns: Column) -> Schema:
    """The same table with further columns at its end."""
    return schema(
        *base.columns,
        *columns,
        key=base.key,
        subject=base.subject,
        restricted=base.restricted,
        personal=base.personal,
    )


def _check(s: Schema) -> None:
    names = s.names
    if len(set(names)) != len(names):
        raise SchemaError(f"columns are named twice: {sorted({n for n in names if names.count(n) > 1})}")
    if missing := [k for k in (*s.key, *([s.subject] if s.subject else [])) if k not in names]:
        raise SchemaError(f"key or subject columns {missing} are not among the columns")
    if s.personal and s.subject is None and any(c.category in PERSONAL for c in s.columns):
        raise SchemaError("personal rows need subject=<column> by which they can be erased")
    direct = [c.name for c in s.columns if c.category == "direct_identifier"]
    if direct and not s.restricted:
        raise SchemaError(f"direct identifiers {direct} belong in a table with restricted=True, apart")


@cache  # Java parses it
def _parse(ddl: str) -> DataType:
    return DataType.fromDDL(ddl)
