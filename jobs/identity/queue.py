"""The review queue as a file for stewards: each question with its evidence in words, and empty columns to answer in.

The file is what `onebook steward import` reads back. Values of the records (names, numbers) are added only when
asked for: they make the file one of direct identifiers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import MatchingConf
from jobs.core import storage
from jobs.identity.answers import defused

QUESTION: Final = (
    "rank", "code", "record_l", "record_r", "kind", "customer_id", "other_customer_id", "probability", "value", "since",
    "evidence",
)  # fmt: skip
ANSWER: Final = ("decision", "author", "reason", "decided_at")
VALUES: Final = ("name", "birth_date", "sex", "ids", "phones", "emails", "city", "street")
MISSING: Final = "missing"


def queue(review: DataFrame, records: DataFrame | None = None) -> DataFrame:
    """The questions by rank; with `records` (identity.match_record) each side's values as name_l, name_r and so on."""
    found = review
    for side in ("l", "r") if records is not None else ():
        assert records is not None
        values = [F.array_join(c, " ") if c in ("ids", "phones", "emails") else F.col(c) for c in VALUES]
        told = [value.cast("string").alias(f"{c}_{side}") for c, value in zip(VALUES, values, strict=True)]
        one = records.select(F.col("record_id").alias(f"record_{side}"), *told)
        found = one.join(F.broadcast(found), on=f"record_{side}", how="inner")
    return found.orderBy("rank")


def told(row: Mapping[str, Any], conf: MatchingConf) -> dict[str, Any]:
    """One row of the file: the question, the evidence in words, the values if there are any, empty answers."""
    values = {f"{c}_{s}": row[f"{c}_{s}"] for c in VALUES for s in "lr" if f"{c}_{s}" in row}
    question = {c: row[c] for c in QUESTION if c != "evidence"} | {"evidence": evidence(row, conf)}
    return {**question, **values, **dict.fromkeys(ANSWER, "")}


def evidence(row: Mapping[str, Any], conf: MatchingConf) -> str:
    """Each field's level as the configuration calls it and the bits it adds, strongest first."""
    labels = {name: c.levels for name, c in conf.of(row["kind"]).comparisons.items()}
    said = sorted(row["fields"] or (), key=lambda f: -abs(f["weight"] or 0))
    return "; ".join(
        f"{f['field']}: {MISSING}" if f["level"] is None else
        f"{f['field']}: {labels[f['field']][len(labels[f['field']]) - 1 - f['level']].label} ({f['weight']:+.1f})"
        for f in said
    )  # fmt: skip


def write(file: Path, rows: list[dict[str, Any]], columns: list[str]) -> None:
    """The rows as Parquet where the file is named so, else as CSV that no spreadsheet runs as a formula. Its owner alone may read it."""
    with storage.private(file) as beside:
        if file.suffix == ".parquet":
            schema = pa.schema([(c, _type_of(c)) for c in columns])
            pq.write_table(pa.Table.from_pylist(rows, schema), beside)
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([columns, *([_defused(row[c]) for c in columns] for row in rows)])
        beside.write_text(text.getvalue(), encoding="utf-8-sig")


def columns_of(*, values: bool) -> list[str]:
    """The file's columns in order."""
    return [*QUESTION, *(f"{c}_{s}" for c in VALUES for s in "lr" if values), *ANSWER]


def _type_of(column: str) -> pa.DataType:
    types = {
        "rank": pa.int32(),
        "probability": pa.float64(),
        "value": pa.decimal128(18, 2),
        "since": pa.date32(),
    }
    return types.get(column, pa.string())


def _defused(value: Any) -> Any:
    if isinstance(value, int | float | Decimal | date | datetime):
        return value
    return "" if value is None else defused(str(value))
