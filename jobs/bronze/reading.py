"""One delivered file as Arrow batches: a row per record, and a last row with the facts about the file.

Columns: _n (number of the file in the pass), _row (record within its file, from 1, header not counted),
_raw (the record as delivered, null for parquet), _note (why the reader couldn't take the record, or null),
_facts (JSON, only on a file's last row, which is no record) and, for fixed width and parquet, _cells (a
struct of strings by the contract's names).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from conf.contracts import SourceContract
from jobs.bronze.content import Content
from jobs.bronze.delivery import FileRef
from jobs.bronze.fixed import fixed_cells
from jobs.bronze.outcomes import Outcome
from jobs.bronze.records import lines, logical, without_blank
from jobs.core.storage import opened

MALFORMED: Final = "malformed"
ROWS_OF_A_BATCH: Final = 65_536


def has_cells(contract: SourceContract) -> bool:
    """Whether the reader itself cuts records into cells; otherwise Spark does, from _raw."""
    return contract.format.type in ("fixed", "parquet")


def batch_schema(contract: SourceContract) -> pa.Schema:
    """The Arrow schema of `read`."""
    fields = [("_n", pa.int32()), ("_row", pa.int64()), ("_raw", pa.string()), ("_note", pa.string())]
    fields.append(("_facts", pa.string()))
    if has_cells(contract):
        fields.append(("_cells", pa.struct([(n, pa.string()) for n in contract.column_names])))
    return pa.schema(fields)


def read(number: int, ref: FileRef, contract: SourceContract) -> Iterator[pa.RecordBatch]:
    """Every record of one file, then its facts. What is wrong with the file stands in the facts."""
    content = Content(ref, gzip=contract.format.compression == "gzip")
    make = _Batches(number, contract)
    if contract.format.type == "parquet":
        chunks = _parquet(content, contract, make)
    elif contract.format.type == "fixed":
        chunks = (make(raw, notes, cells) for raw, notes, cells in fixed_cells(content, contract))
    else:
        chunks = _text(content, contract, make)
    yield from chunks
    content.facts.rows = make.rows
    yield make.last(json.dumps(asdict(content.close()), ensure_ascii=False))


class _Batches:
    """Makes record batches, counting rows."""

    def __init__(self, number: int, contract: SourceContract) -> None:
        self.number, self.rows = number, 0
        self.schema = batch_schema(contract)

    def __call__(self, raw: Any, notes: Any, cells: pa.StructArray | None = None) -> pa.RecordBatch:
        size = len(raw)
        rows = pa.array(range(self.rows + 1, self.rows + size + 1), pa.int64())
        self.rows += size
        notes = pa.nulls(size, pa.string()) if notes is None else pa.array(notes, pa.string())
        columns = [
            pa.repeat(pa.scalar(self.number, pa.int32()), size),
            rows,
            pa.array(raw, pa.string()),
            notes,
        ]
        columns += [pa.nulls(size, pa.string()), *([cells] if cells is not None else [])]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def last(self, facts: str) -> pa.RecordBatch:
        row: dict[str, Any] = {"_n": self.number, "_facts": facts}
        return pa.RecordBatch.from_pylist([row], schema=self.schema)


def _text(content: Content, contract: SourceContract, make: _Batches) -> Iterator[pa.RecordBatch]:
    """CSV and JSON lines: records as they stand, cut into cells later by Spark."""
    form = contract.format
    quote = form.quote if form.type == "csv" else None
    chunks = lines(content, form.encoding)
    chunks = logical(chunks, quote) if quote and form.multiline else chunks
    header = form.type == "csv" and form.header
    for chunk in chunks:
        records = without_blank(content, chunk)
        if header and records:
            header, names, records = False, records[0], records[1:]
            if problem := header_problem(_names(names, contract), contract.column_names):
                content.facts.problem(*problem)
                content.finish_hash()
                return
        if records:
            yield make(records, _notes(records, quote))
    if header and not content.facts.problems:
        content.facts.problem(Outcome.EMPTY_FILE, "has not even a header")


def _notes(records: Sequence[str], quote: str | None) -> list[str | None] | None:
    """Records that no parser should be lenient about: an open quote, a NUL."""
    bad = [("\0" in r) or bool(quote and r.count(quote) & 1) for r in records]
    return [MALFORMED if b else None for b in bad] if any(bad) else None


def _names(line: str, contract: SourceContract) -> list[str]:
    form = contract.format
    if form.quote is None:
        return line.split(form.delimiter)
    return next(csv.reader([line], delimiter=form.delimiter, quotechar=form.quote))


def header_problem(found: Sequence[str], wanted: Sequence[str]) -> tuple[Outcome, str] | None:
    """What is wrong with a header. CSV is cut by position, so another order is refused, not guessed at."""
    extra, missing = [n for n in found if n not in wanted], [n for n in wanted if n not in found]
    if missing:
        also = f"; not in the contract: {_listed(extra)}" if extra else ""
        return Outcome.MISSING_COLUMN, f"lacks {_listed(missing)}{also}"
    if extra:
        return Outcome.EXTRA_COLUMN, f"has {_listed(extra)}, which the contract doesn't know"
    if len(found) != len(wanted):
        return Outcome.EXTRA_COLUMN, f"names {_listed([n for n in wanted if list(found).count(n) > 1])} twice"
    if list(found) != list(wanted):
        moved = [f for f, w in zip(found, wanted, strict=True) if f != w]
        return Outcome.REORDERED_COLUMNS, f"has {_listed(moved)} out of the contract's order"
    return None


def _listed(names: Iterable[str]) -> str:
    """Names for a message: cut short, for a header that is really a row of data must not be shown whole."""
    shown = [n if n.isidentifier() and len(n) <= 40 else "(not a name)" for n in names]
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")


def _parquet(content: Content, contract: SourceContract, make: _Batches) -> Iterator[pa.RecordBatch]:
    """Parquet: by name, so order doesn't matter; every value as the text that the contract's types read."""
    content.finish_hash()
    system, path = opened(content.ref.uri)
    try:
        with system.open_input_file(path) as source, pq.ParquetFile(source) as file:
            found = file.schema_arrow.names
            if set(found) != set(contract.column_names):
                problem = header_problem(found, contract.column_names)
                content.facts.problem(*(problem or (Outcome.EXTRA_COLUMN, "")))
                return
            for batch in file.iter_batches(ROWS_OF_A_BATCH, columns=list(contract.column_names)):
                cells = [batch.column(n).cast(pa.string()) for n in contract.column_names]
                struct = pa.StructArray.from_arrays(cells, names=list(contract.column_names))
                yield make(pa.nulls(batch.num_rows, pa.string()), None, struct)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        what = f"isn't a whole parquet file ({type(error).__name__})"
        content.facts.problem(Outcome.TRUNCATED, what)
