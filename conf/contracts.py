"""Source contracts: what a bank's system delivers, and how it fills the canonical model. Frozen, checked at load."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Category = Literal[
    "key", "time", "direct_identifier", "quasi_identifier", "financial", "behaviour", "risk", "preference",
    "model", "reference", "technical",
]  # fmt: skip


PLAIN_TYPES: Final = ("string", "int", "bigint", "double", "boolean", "date", "timestamp")

STEWARD: Final = "steward"
"""The source of golden values that a steward set: what no system may be called."""


class Frozen(BaseModel):
    """Base of every configuration type: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DeliverySpec(Frozen):
    """How files arrive: where, how often, whole or in changes, with or without a manifest."""

    layout: Literal["dated", "flat"] = "dated"
    date_: date | None = Field(default=None, alias="date")
    since: date | None = None
    files: str
    kind: Literal["full", "delta", "event"]
    frequency: Literal["daily", "monthly", "once"] = "daily"
    lateness_days: int = Field(default=3, ge=0)
    manifest: Literal["required", "none"] = "required"

    @property
    def taken_from(self) -> date | None:
        """First business date of a run that takes a flat delivery in: `since` where it tells the past by rows
        that carry their own dates, else its own date. None for dated folders.
        """
        return self.since or self.date_

    @model_validator(mode="after")
    def _flat_is_dated(self) -> DeliverySpec:
        if (self.layout == "flat") != (self.date_ is not None):
            raise ValueError("`date` belongs to layout: flat, and a flat delivery needs it")
        return self


class FormatSpec(Frozen):
    """How a file's bytes become cells."""

    type: Literal["csv", "fixed", "json", "parquet"]
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    header: bool = True
    multiline: bool = False
    compression: Literal["gzip"] | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"unknown encoding {value!r}") from None


class ColumnSpec(Frozen):
    """One delivered column: type, how it is parsed, and its classification."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    type: str
    level: int = Field(ge=1, le=5)
    category: Category
    meaning: str = Field(min_length=1)
    format: str | None = None
    parse: str | None = None
    width: int | None = Field(default=None, gt=0)
    required: bool = False
    missing: tuple[str, ...] = ("",)

    @field_validator("type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        if value not in PLAIN_TYPES and not re.fullmatch(r"decimal\(\d+,\s*\d+\)", value):
            known = ", ".join(PLAIN_TYPES)
            raise ValueError(f"there is no type {value!r}; known are {known}, decimal(18,2)")
        return value


class Lookup(Frozen):
    """Rows of the bank's other bronze tables, joined to this one: one row per `on`."""

    sql: str
    on: tuple[str, ...] = Field(min_length=1)


class MapSpec(Frozen):
    """How rows of this source become rows of one canonical table."""

    to: str = Field(pattern=r"^silver\.[a-z_]+$")
    where: str | None = None
    known_from: str | None = None
    valid_from: str | None = None
    columns: dict[str, str] = Field(min_length=1)


class SourceContract(Frozen):
    """One source table of one bank: delivery, format, columns, and its mapping to silver."""

    system: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = Field(min_length=1)
    delivery: DeliverySpec
    format: FormatSpec
    columns: tuple[ColumnSpec, ...] = Field(min_length=1)
    keys: tuple[str, ...] = Field(min_length=1)
    control_totals: tuple[str, ...] = ()
    subject: str | None = None
    known_from: str = "_delivered"
    valid_from: str | None = None
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    codes: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    rules: dict[str, str] = Field(default_factory=dict)
    maps: tuple[MapSpec, ...] = ()

    @property
    def name(self) -> str:
        """system_table: the name of the bronze table."""
        return f"{self.system}_{self.table}"

    @property
    def bronze(self) -> str:
        """The bronze table that this source fills."""
        return f"bronze.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the delivered columns, in file order."""
        return tuple(c.name for c in self.columns)

    @field_validator("system")
    @classmethod
    def _is_no_steward(cls, value: str) -> str:
        if value == STEWARD:
            raise ValueError(
                f"{STEWARD} is what golden values bear that a steward set; give the system another name"
            )
        return value

    @field_validator("codes", mode="before")
    @classmethod
    def _codes_are_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {n: {str(k): v for k, v in m.items()} if isinstance(m, dict) else m for n, m in value.items()}

    @model_validator(mode="after")
    def _names_exist(self) -> SourceContract:
        names = self.column_names
        if twice := {n for n in names if names.count(n) > 1}:
            raise ValueError(f"columns are named twice: {sorted(twice)}")
        for group, wanted in (("keys", self.keys), ("control_totals", self.control_totals)):
            if unknown := [n for n in wanted if n not in names]:
                raise ValueError(f"{group} names no column of this contract: {unknown}")
        if self.format.type == "fixed" and (lacking := [c.name for c in self.columns if c.width is None]):
            raise ValueError(f"a fixed-width format needs `width` on each column: {lacking}")
        return self
