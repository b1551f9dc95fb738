"""One audience list as a file being written: CSV in chunks, hashed on the way, moved into place when whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import pyarrow as pa
from pyarrow import compute, csv

from jobs.core import storage

MEMBERS: Final = "members.csv"
FORM: Final = csv.WriteOptions(include_header=False, quoting_style="needed")


def home(folder: str, segment: str, as_of: date) -> str:
    """Where an audience's files of one date lie."""
    return storage.join(folder, segment, as_of.isoformat())


class MemberList:
    """members.csv of one audience: header on opening, rows by `add`, in place after `close`."""

    def __init__(self, folder: str, segment: str, as_of: date, columns: Sequence[str]) -> None:
        self.segment, self.rows, self._columns = segment, 0, list(columns)
        where = home(folder, segment, as_of)
        storage.make_folder(where)
        self._files, self._path = storage.opened(storage.join(where, MEMBERS))
        self._stream = self._files.open_output_stream(self._beside, compression=None)
        self._digest = hashlib.sha256()
        self._put((",".join(columns) + "\n").encode())

    def add(self, rows: pa.RecordBatch) -> None:
        """Write rows as they come: the caller sorted them."""
        sink = pa.BufferOutputStream()
        csv.write_csv(rows.select(self._columns), sink, FORM)
        self._put(sink.getvalue().to_pybytes())
        self.rows += rows.num_rows

    def close(self) -> tuple[int, str]:
        """Put the file in place. Returns its rows and SHA-256."""
        self._stream.close()
        self._files.move(self._beside, self._path)
        return self.rows, self._digest.hexdigest()

    @property
    def _beside(self) -> str:
        return f"{self._path}.part"

    def _put(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._stream.write(chunk)


def write_lists(
    batches: Iterable[pa.RecordBatch], folder: str, as_of: date, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Write rows sorted by `segment` to a list each; yields segment, rows and sha256 of every list written."""
    current: MemberList | None = None
    for rows in _runs(batches):
        segment = rows.column("segment")[0].as_py()
        if current is not None and current.segment != segment:
            yield _done(current)
            current = None
        if current is None:
            current = MemberList(folder, segment, as_of, columns)
        current.add(rows)
    if current is not None:
        yield _done(current)


def _runs(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches cut where the segment changes."""
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            rest = batch.column("segment").slice(start)
            differs = compute.index(compute.not_equal(rest, rest[0]), True).as_py()
            length = differs if differs >= 0 else len(rest)
            yield batch.slice(start, length)
            start += length


def _done(written: MemberList) -> pa.RecordBatch:
    rows, digest = written.close()
    return pa.RecordBatch.from_pydict({"segment": [written.segment], "rows": [rows], "sha256": [digest]})
