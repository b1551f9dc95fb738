"""Files while they are written: bytes go out in large pieces, a checksum goes with them, few stay open."""

from __future__ import annotations

import gzip
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.demo.formats import Layout, encode_delimited, encode_fixed, encode_json

LARGEST_FILE = 80_000_000
"""Bytes after which a table goes on in a further file, so that readers can share the work."""
PIECE = 1 << 18


class HashedFile(io.RawIOBase):
    """A file that is opened only to append a piece, and knows its size and SHA-256."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.size, self._digest = path, 0, hashlib.sha256()
        self._pieces: list[bytes] = []
        self._waiting = 0
        path.unlink(missing_ok=True)

    def writable(self) -> bool:
        """This file is for writing."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; they reach the disk when enough have gathered, or on close."""
        piece = bytes(data)
        self._digest.update(piece)
        self._pieces.append(piece)
        self.size += len(piece)
        self._waiting += len(piece)
        if self._waiting >= PIECE:
            self._spill()
        return len(piece)

    def tell(self) -> int:
        """Bytes so far."""
        return self.size

    def _spill(self) -> None:
        with self.path.open("ab") as out:
            out.writelines(self._pieces)
        self._pieces, self._waiting = [], 0

    def close(self) -> None:
        """Write what is left."""
        if not self.closed:
            self._spill()
        super().close()

    @property
    def sha256(self) -> str:
        """Checksum of all bytes so far, hexadecimal."""
        return self._digest.hexdigest()


@dataclass
class Part:
    """A finished file of a delivery: its rows, and sums of its control columns as scaled integers."""

    path: str
    rows: int
    bytes: int
    sha256: str
    totals: dict[str, int]
    header: int = 0


@dataclass
class TableFile:
    """One open file of one table in one delivery."""

    layout: Layout
    path: Path
    rows: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    header: int = 0

    def __post_init__(self) -> None:
        """Open what the format needs."""
        self.sink = HashedFile(self.path)
        self._zip = gzip.GzipFile("", "wb", 1, self.sink, mtime=0) if self.layout.style.compressed else None
        self._parquet: pq.ParquetWriter | None = None

    def add(self, table: pa.Table, totals: dict[str, int]) -> None:
        """Append rows."""
        if self.layout.style.type == "parquet":
            self._parquet = self._parquet or pq.ParquetWriter(self.sink, table.schema, compression="zstd")
            self._parquet.write_table(table)
        else:
            self._write(table)
        self.rows += table.num_rows
        for name, value in totals.items():
            self.totals[name] = self.totals.get(name, 0) + value

    def _write(self, table: pa.Table) -> None:
        columns = [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in table.columns]
        if self.layout.style.type == "delimited":
            data = encode_delimited(columns, self.layout, first=self.rows == 0)
            if self.rows == 0:
                self.header = data.index(b"\n") + 1
        elif self.layout.style.type == "fixed":
            data = encode_fixed(columns, self.layout)
        else:
            data = encode_json(columns, self.layout)
        (self._zip or self.sink).write(data)

    def finish(self) -> Part:
        """Close the file and describe it."""
        if self._parquet:
            self._parquet.close()
        if self._zip:
            self._zip.close()
        self.sink.close()
        return Part(str(self.path), self.rows, self.sink.size, self.sink.sha256, self.totals, self.header)


def merge(parts: list[Part], layout: Layout, path: Path) -> Part:
    """Put several small files of one table together into one, and remove them."""
    sink = HashedFile(path)
    if layout.style.type == "parquet":
        pq.write_table(
            pa.concat_tables([pq.read_table(part.path) for part in parts]), sink, compression="zstd"
        )
    else:
        for number, part in enumerate(parts):
            data = Path(part.path).read_bytes()
            sink.write(data[part.header :] if number else data)
    sink.close()
    for part in parts:
        Path(part.path).unlink()
    totals = {name: sum(part.totals.get(name, 0) for part in parts) for name in layout.totals}
    return Part(str(path), sum(part.rows for part in parts), sink.size, sink.sha256, totals, parts[0].header)
