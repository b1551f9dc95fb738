"""File formats of the bank's systems: from typed columns to the bytes that each system delivers."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from jobs.demo.arrays import NO_DATE, NO_NUMBER, Ints, replaced

Kind = Literal["text", "date", "money", "int", "rate", "bool", "raw"]
FIRST_DAY, LAST_DAY = -36_500, 33_000
ARROW_TYPES = {
    "text": pa.string(), "date": pa.date32(), "money": pa.decimal128(18, 2), "int": pa.int64(),
    "rate": pa.decimal128(9, 6), "bool": pa.bool_(), "raw": pa.string(),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column of a file; `width` in bytes for fixed width. `raw` is JSON text that is never quoted."""

    name: str
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True)
class Style:
    """How one system writes its files."""

    type: Literal["delimited", "fixed", "json", "parquet"]
    extension: str
    encoding: str = "utf-8"
    delimiter: str = ","
    quoted: bool = False
    bom: bool = False
    compressed: bool = False
    dates: str = "%Y-%m-%d"


@dataclass(frozen=True)
class Layout:
    """One table of one system: its fields in file order, and the columns whose sum the manifest states."""

    system: str
    table: str
    style: Style
    fields: tuple[Field, ...]
    totals: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """system.table."""
        return f"{self.system}.{self.table}"


@lru_cache(maxsize=8)
def _calendar(style: str) -> pa.Array:
    days = np.datetime_as_string(np.arange(FIRST_DAY, LAST_DAY).astype("datetime64[D]"))
    separator = {"%Y-%m-%d": "-", "%Y/%m/%d": "/", "%Y%m%d": ""}[style]
    return pa.array(days if separator == "-" else replaced(days, "-", separator))


def date_texts(days: Ints, style: str) -> pa.Array:
    """Day numbers as text; null for NO_DATE."""
    missing = np.abs(days) >= NO_DATE
    return _calendar(style).take(pa.array(np.where(missing, 0, days) - FIRST_DAY, mask=missing))


def decimals(values: Ints, precision: int, scale: int) -> pa.Array:
    """Scaled integers as decimals, without a copy through Python; null for NO_NUMBER."""
    missing = values == NO_NUMBER
    wide = np.empty((len(values), 2), np.int64)
    wide[:, 0] = np.where(missing, 0, values)
    wide[:, 1] = wide[:, 0] >> 63
    mask = pa.array(~missing).buffers()[1] if missing.any() else None
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(values), [mask, pa.py_buffer(wide)])


def typed(values: object, kind: Kind) -> pa.Array:
    """One column as Arrow values of its own type; empty text is null."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    column = np.asarray(values)
    if kind in {"text", "raw"}:
        return pa.array(column.astype(object), pa.string(), mask=column == "")
    if kind == "date":
        return pa.array(column.astype(np.int32), pa.int32(), mask=np.abs(column) >= NO_DATE).cast(pa.date32())
    if kind == "money":
        return decimals(column.astype(np.int64), 18, 2)
    if kind == "rate":
        return decimals(np.round(column * 1_000_000).astype(np.int64), 9, 6)
    if kind == "bool":
        return pa.array(column.astype(bool))
    return pa.array(column.astype(np.int64), mask=column == NO_NUMBER)


def text(values: object, kind: Kind, dates: str) -> pa.Array:
    """One column as the text that the system writes; null stays null."""
    if kind == "date" and not isinstance(values, pa.Array | pa.ChunkedArray):
        return date_texts(np.asarray(values), dates)
    column = typed(values, kind)
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string())


def encode_delimited(columns: list[pa.Array], layout: Layout, *, first: bool) -> bytes:
    """Delimited text with a header in the first piece; everything quoted, or nothing."""
    style, sink = layout.style, io.BytesIO()
    options = csv.WriteOptions(
        include_header=False, delimiter=style.delimiter, quoting_style="needed" if style.quoted else "none"
    )
    csv.write_csv(pa.table(columns, names=[f.name for f in layout.fields]), sink, options)
    body = sink.getvalue()
    if first:
        head = style.delimiter.join(f.name for f in layout.fields) + "\n"
        body = (b"\xef\xbb\xbf" if style.bom else b"") + head.encode() + body
    if style.encoding == "utf-8" or body.isascii():
        return body
    return body.decode().encode(style.encoding)


def _bytes_of(strings: pa.Array) -> bytes:
    """The concatenated bytes of a string array that was just made (no offset)."""
    data = strings.buffers()[2]
    return b"" if data is None else data.to_pybytes()


def _padded(column: pa.Array, item: Field, encoding: str) -> pa.Array:
    filled = pc.fill_null(column, "")
    if item.kind in {"money", "int", "rate"}:
        return pc.utf8_lpad(filled, item.width)
    if pc.all(pc.string_is_ascii(filled)).as_py() in {True, None}:
        return pc.utf8_rpad(filled, item.width)
    cells = filled.to_pylist()
    return pa.array([cell + " " * (item.width - len(cell.encode(encoding))) for cell in cells], pa.string())


def encode_fixed(columns: list[pa.Array], layout: Layout) -> bytes:
    """Fixed width by bytes of the encoding: text to the left, numbers to the right, one line a row."""
    encoding = layout.style.encoding
    padded = [_padded(column, item, encoding) for column, item in zip(columns, layout.fields, strict=True)]
    body = _bytes_of(pc.binary_join_element_wise(*padded, "\n", ""))
    return body if body.isascii() else body.decode().encode(encoding)


def encode_json(columns: list[pa.Array], layout: Layout) -> bytes:
    """One JSON object a line; numbers bare, null spelt out. Texts hold neither quotes nor backslashes."""
    pieces: list[pa.Array | str] = []
    for number, (column, item) in enumerate(zip(columns, layout.fields, strict=True)):
        pieces.append(("{" if number == 0 else ",") + f'"{item.name}":')
        quoted = (
            pc.binary_join_element_wise('"', column, '"', "") if item.kind in {"text", "date"} else column
        )
        pieces.append(pc.fill_null(quoted, "null"))
    return _bytes_of(pc.binary_join_element_wise(*pieces, "}\n", ""))
