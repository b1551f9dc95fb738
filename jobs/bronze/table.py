"""A bronze table, from any contract: one row per record delivered, typed, with where it came from and its faults.

Values are taken as written or not at all: full-width digits, thousands separators, exponents, more decimals
than the column has, a date of another shape become the fault `cast:<column>` and send the row to quarantine,
never a guess.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import ColumnSpec, SourceContract
from expectations.marks import named
from jobs.core.schema import PERSONAL, Schema, column, schema

TRACE: Final = ("_system", "_file", "_row", "_batch", "_delivered", "_history", "_subject")
WORKING: Final = ("_raw", "_faults", "_facts", "_control", "_extra", "_n")
DATE: Final = r"^\d{4}-\d{2}-\d{2}$"
INSTANT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$"
WHOLE: Final = r"^[+-]?\d{1,19}$"
FLOATING: Final = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$"
TRUTH: Final = {"true": True, "false": False, "1": True, "0": False, "y": True, "n": False}
# Under ANSI these stop the job at the first bad value; a bad value is a row's fault, not the job's.
LITERAL: Final = re.compile(r"('(?:[^'\\]|\\.|'')*')")
LENIENT: Final = re.compile(
    r"\b(to_date|to_timestamp|cast|to_number|element_at|make_timestamp)\s*\(", re.IGNORECASE
)


def build(cells: DataFrame, contract: SourceContract) -> DataFrame:
    """Typed rows from cut records (jobs.bronze.cells) that carry _file, _batch, _delivered and _history.

    Adds _system, _subject, _faults (array of names, null where the row is sound) and _control (the numbers
    for the control totals where a row's own value didn't cast). Rows of facts pass through untouched.
    """
    named = cells.withColumns({f"_v_{c.name}": _value(c) for c in contract.columns})
    typed = named.withColumns({c.name: _typed(c) for c in contract.columns})
    told = typed.withColumns(
        {
            "_system": F.lit(contract.system),
            "_subject": F.expr(lenient(contract.subject) if contract.subject else "NULL").cast("string"),
            "_faults": _faults(contract),
            "_control": _control(contract),
        }
    )
    raw = F.when(F.col("_faults").isNotNull(), F.coalesce("_raw", F.to_json("_cells")))
    return told.withColumn("_raw", raw).select(*contract.column_names, *TRACE, *WORKING)


def bronze_schema(contract: SourceContract) -> Schema:
    """The schema of the contract's bronze table: one row per record, by batch, file and row."""
    direct = any(c.category == "direct_identifier" for c in contract.columns)
    personal = any(c.category in PERSONAL for c in contract.columns)
    level = max(c.level for c in contract.columns)
    return schema(
        *(
            column(c.name, c.type, level=c.level, category=c.category, meaning=c.meaning)
            for c in contract.columns
        ),
        column("_system", "string", level=1, category="technical", meaning="delivering system"),
        column(
            "_file", "string", level=1, category="key", meaning="delivered file, relative to the extracts"
        ),
        column("_row", "bigint", level=1, category="key", meaning="record within the file, from 1"),
        column(
            "_batch", "string", level=1, category="key", meaning="delivery: hash of source, date and content"
        ),
        column("_delivered", "date", level=1, category="time", meaning="business date of the delivery"),
        column(
            "_history", "boolean", level=1, category="technical", meaning="whether it was a load of history"
        ),
        column(
            "_subject", "string", level=level, category="key", meaning="subject by which a person is erased"
        ),
        key=("_batch", "_file", "_row"),
        subject="_subject" if contract.subject else None,
        restricted=direct,
        personal=personal,
    )


def _value(c: ColumnSpec) -> Column:
    """The cell, null where the contract says that it means none."""
    cell = F.col("_cells")[c.name]
    missing = {"", *c.missing}
    return F.when(~cell.isin(sorted(missing)), cell)


def _typed(c: ColumnSpec) -> Column:
    value = F.col(f"_v_{c.name}")
    if c.parse:
        return F.expr(lenient(c.parse, value=f"_v_{c.name}")).try_cast(c.type)
    if c.type == "string":
        return value
    if c.type in ("date", "timestamp"):
        return _dated(c, value)
    if c.type == "boolean":
        return F.try_element_at(
            F.create_map(*(F.lit(x) for pair in TRUTH.items() for x in pair)), F.lower(value)
        )
    return F.when(value.rlike(_pattern(c)), value.try_cast(c.type))


def _dated(c: ColumnSpec, value: Column) -> Column:
    if c.format:
        return (
            F.try_to_date(value, c.format) if c.type == "date" else F.try_to_timestamp(value, F.lit(c.format))
        )
    return F.when(value.rlike(DATE if c.type == "date" else INSTANT), value.try_cast(c.type))


def _pattern(c: ColumnSpec) -> str:
    """How a number may be written. More decimals than the column has would be rounded away: refused."""
    if c.type == "double":
        return FLOATING
    if c.type in ("int", "bigint"):
        return WHOLE
    scale = int(c.type.rstrip(")").split(",")[1])
    return rf"^[+-]?\d+(\.\d{{0,{scale}}}0*)?$"


def lenient(sql: str, value: str | None = None) -> str:
    """`sql` with functions that give null where they would raise, and the column `value` under another name."""
    parts = LITERAL.split(sql)
    for i in range(0, len(parts), 2):  # odd parts are string literals
        parts[i] = LENIENT.sub(r"try_\1(", parts[i])
        if value:
            parts[i] = re.sub(r"\bvalue\b", f"`{value}`", parts[i])
    return "".join(parts)


def _faults(contract: SourceContract) -> Column:
    needed = {*contract.keys, *(c.name for c in contract.columns if c.required)}
    found: list[tuple[Column, str]] = []
    for c in contract.columns:
        given = F.col(f"_v_{c.name}").isNotNull()
        if c.parse or c.type != "string":
            found.append((given & F.col(c.name).isNull(), f"cast:{c.name}"))
        if c.name in needed:
            found.append((~given, f"required:{c.name}"))
    found += [(~F.expr(f"({lenient(sql)})"), f"rule:{name}") for name, sql in contract.rules.items()]
    sound = named(F.when(wrong, F.lit(name)) for wrong, name in found)
    faults = F.when(F.col("_note").isNotNull(), F.array("_note")).otherwise(sound)
    return F.when(F.col("_facts").isNull() & (F.size(faults) > 0), faults)


def _control(contract: SourceContract) -> Column:
    """What a person would read in a control column that didn't cast: only for the sum, never for the row."""
    if not contract.control_totals:
        return F.lit(None).cast("map<string,decimal(38,6)>")
    loose = []
    for name in contract.control_totals:
        plain = F.translate(F.col(f"_v_{name}"), "０１２３４５６７８９．－，, ", "0123456789.-")
        wrong = F.col(f"_v_{name}").isNotNull() & F.col(name).isNull()
        loose += [F.lit(name), F.when(wrong, plain.try_cast("decimal(38,6)"))]
    failed = [F.col(f"_v_{n}").isNotNull() & F.col(n).isNull() for n in contract.control_totals]
    return F.when(reduce(or_, failed), F.create_map(*loose))
