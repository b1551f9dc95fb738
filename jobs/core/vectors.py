"""A customer's features as one vector, of which a plan carries the values or, where it can, only the place.

Spark hands a value over to Python in six steps (columns, rows, Arrow, a pipe …), which for a vector of 120 cost four times
what scoring costs; a worker reads it from the table's file in a tenth of that. So a plan over files of this machine's disk
(on a cluster: a disk that all machines share, else Spark couldn't read it either) carries each vector's file and row, and
workers read. Any other plan carries values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.features import FeaturesConf
from jobs.core import storage

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
VECTOR: Final = "vector"
PLACE: Final = "vector_place"
"""Which of the files, times 2^40, and the row in it: one number is sorted at once, a name and a number by comparing."""
VALUES: Final = "features.list.element.value"
NAMES: Final = "features.list.element.name"
CHUNK: Final = 8_192
"""Vectors that a worker holds at once: 150 features take 10 MB."""
FILE_BITS: Final = 40
STRETCH_BITS: Final = 20
"""Tasks read up to 2^20 rows of a file each, some 8 s; shorter stretches would lie in the same row group."""
LARGE: Final = 64_000_000
"""Bytes of files, a tenth of a second to read. In fewer each task looks for its rows, from more it has a part of its own."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The `names` of a vector's values, in their order, the `files` (URIs) in which vectors lie, and their size in bytes.

    No files: the vectors are in the rows.
    """

    names: tuple[str, ...]
    files: tuple[str, ...] = ()
    size: int = 0

    @property
    def column(self) -> str:
        """What a row tells of its vector."""
        return PLACE if self.files else VECTOR


def with_vectors(features: DataFrame, config: FeaturesConf) -> DataFrame:
    """gold.feature, or those of its rows that a filter left, with the vectors or their places (see `stored`).

    Values stand in the configuration's order. A row packed under another one gives them by name, null where it lacks one.
    """
    files = _files(features)
    if files:
        try:
            return _placed(features, config.names, files)
        except AnalysisException:  # not the table alone: Spark no longer knows which row stood where
            pass
    return _carried(features, config.names)


def stored(rows: DataFrame) -> Stored:
    """How the vectors of these rows are told; no names where they have none."""
    for field in rows.schema.fields:
        if field.name in (VECTOR, PLACE):
            told = field.metadata
            return Stored(tuple(told["names"]), tuple(told.get("files", ())), told.get("size", 0))
    return Stored(())


def in_reading_order(rows: DataFrame, known: Stored) -> DataFrame:
    """Rows in the order of their places in each task; of large files each task has stretches of its own."""
    if not known.files:
        return rows
    if known.size > LARGE:
        rows = rows.repartition(F.shiftright(PLACE, STRETCH_BITS))
    return rows.sortWithinPartitions(PLACE)


class Reader:
    """The values of `names` of one task's rows, read from files a chunk at a time; quick where rows come in reading order."""

    def __init__(self, known: Stored, names: Sequence[str]) -> None:
        self._known, self._first = known, -1
        self._at = [known.names.index(name) for name in names]
        self._held: Matrix = np.empty((0, len(names)))
        self._chunks: Iterator[tuple[int, Matrix]] = iter(())

    def pieces(self, batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, Matrix]]:
        """The batch in parts of up to CHUNK rows, each with rows × names of doubles, null as nan.

        A part lies in one chunk of a file: rows that stand there one after another are looked at, not copied.
        """
        if not self._known.files:
            for part in cut(batch):
                yield part, self._wanted(rectangle(part.column(VECTOR)))
            return
        places, done = batch.column(PLACE).to_numpy(), 0
        while done < len(places):
            near = self._reached(places[done : done + CHUNK])
            yield batch.slice(done, len(near)), self._vectors(near)
            done += len(near)

    def _reached(self, places: Rows) -> Rows:
        """Those of the places, from the first on, that lie in its chunk, which is held from now on."""
        self._reach(int(places[0]))
        beyond = (places < self._first) | (places >= self._first + len(self._held))
        return places[: int(beyond.argmax())] if beyond.any() else places

    def _reach(self, place: int) -> None:
        file = place >> FILE_BITS
        if self._first >> FILE_BITS != file or place < self._first:
            self._first, self._held = file << FILE_BITS, self._held[:0]
            row = place - self._first
            self._chunks = _chunks(self._known.files[file], self._known.names, row)
        while place >= self._first + len(self._held):
            start, vectors = next(self._chunks)
            self._first, self._held = (file << FILE_BITS) + start, self._wanted(vectors)

    def _vectors(self, places: Rows) -> Matrix:
        rows = places - self._first
        in_a_row = bool((np.diff(rows) == 1).all())
        return self._held[rows[0] : rows[-1] + 1] if in_a_row else self._held[rows]

    def _wanted(self, vectors: Matrix) -> Matrix:
        return vectors if self._at == [*range(vectors.shape[1])] else np.take(vectors, self._at, axis=1)


def cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in parts of up to CHUNK rows."""
    for start in range(0, batch.num_rows, CHUNK):
        yield batch.slice(start, CHUNK)


def rectangle(lists: pa.ListArray) -> Matrix:
    """Lists of equal length as rows of a matrix, null as nan; not copied where no value is null."""
    values: Matrix = lists.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(lists), -1) if len(lists) else np.empty((0, 0))


def _files(features: DataFrame) -> tuple[str, ...]:
    """The files that a plan reads; none where one isn't on a disk, or two have one name."""
    uris = [urlsplit(uri) for uri in sorted(features.inputFiles())]
    found = tuple(storage.LOCAL + unquote(uri.path) for uri in uris if uri.scheme == "file")
    names = {storage.name_of(uri) for uri in found}
    return found if len(names) == len(uris) else ()


def _placed(features: DataFrame, names: list[str], files: tuple[str, ...]) -> DataFrame:
    known = F.split(F.lit("/".join(map(storage.name_of, files))), "/")
    file = F.array_position(known, F.col("_metadata.file_name")) - 1
    place = F.shiftleft(file, FILE_BITS) + F.col("_metadata.row_index")
    told = {"names": names, "files": list(files), "size": sum(map(storage.size, files))}
    return features.select("*", place.alias(PLACE, metadata=told))


def _carried(features: DataFrame, names: list[str]) -> DataFrame:
    known, entries = F.split(F.lit(",".join(names)), ","), F.col("features")
    by_name = F.transform(known, lambda name: F.map_from_entries(entries)[name])
    values = F.when(entries["name"] == known, entries["value"]).otherwise(by_name)
    return features.select("*", values.alias(VECTOR, metadata={"names": names}))


def _chunks(uri: str, names: tuple[str, ...], row: int) -> Iterator[tuple[int, Matrix]]:
    """The first row and the vectors of each chunk of a file, from the row group on in which `row` lies."""
    filesystem, path = storage.opened(uri)
    with filesystem.open_input_file(path) as source:
        file, start = pq.ParquetFile(source), 0
        for group in range(file.num_row_groups):
            number = file.metadata.row_group(group).num_rows
            if start + number > row:
                for at, vectors in _in_group(file, group, names):
                    yield start + at, vectors
            start += number


def _in_group(file: pq.ParquetFile, group: int, names: tuple[str, ...]) -> Iterator[tuple[int, Matrix]]:
    alike, start = _is_packed_as(file, group, names), 0
    wanted = [VALUES] if alike else [VALUES, NAMES]
    for batch in file.iter_batches(CHUNK, row_groups=[group], columns=wanted, use_threads=False):
        entries = batch.column(0)
        yield start, _values(entries) if alike else _by_name(entries, names)
        start += batch.num_rows


def _is_packed_as(file: pq.ParquetFile, group: int, names: tuple[str, ...]) -> bool:
    """Whether all rows of a group have one definition, and the first of them these names: then all have them."""
    columns = file.metadata.row_group(group)
    known = {columns.column(i).path_in_schema: columns.column(i) for i in range(columns.num_columns)}
    told = known["definition"].statistics if "definition" in known else None
    if told is None or not told.has_min_max or told.null_count or told.min != told.max:
        return False
    first = next(file.iter_batches(1, row_groups=[group], columns=[NAMES], use_threads=False))
    return tuple(entry["name"] for entry in first.column(0)[0].as_py() or ()) == names


def _values(entries: pa.ListArray) -> Matrix:
    """The values of lists of structs that hold nothing else."""
    values: Matrix = entries.flatten().field(0).to_numpy(zero_copy_only=False)
    return values.reshape(len(entries), -1)


def _by_name(entries: pa.ListArray, names: tuple[str, ...]) -> Matrix:
    rows = [{e["name"]: e["value"] for e in row or ()} for row in entries.to_pylist()]
    return np.array([[row.get(name) for name in names] for row in rows], dtype=np.float64)
