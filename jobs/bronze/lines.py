"""Delivered files as one distributed frame of records: files are dealt out to tasks by size, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from conf.contracts import SourceContract
from jobs.bronze.delivery import FileRef
from jobs.bronze.reading import has_cells, read

BYTES_OF_A_TASK: Final = 64 << 20
COMPRESSED_WEIGHT: Final = 8  # a byte of gzip or parquet is about so many of text


def read_lines(spark: SparkSession, files: Sequence[FileRef], contract: SourceContract) -> DataFrame:
    """Every record of `files`, and one row of facts for each file (columns: jobs.bronze.reading).

    `_n` is the file's index in `files`. Nothing is read until the frame is used.
    """
    hands = deal(files, contract, int(spark.sparkContext.defaultParallelism))
    work = [[(n, files[n]) for n in hand] for hand in hands]
    ids = spark.range(0, len(work), 1, numPartitions=max(len(work), 1))
    return ids.mapInArrow(_reader(work, contract), spark_schema(contract))


def spark_schema(contract: SourceContract) -> StructType:
    """The Spark type of `read_lines`."""
    cells = ", ".join(f"`{n}`: string" for n in contract.column_names)
    ddl = "_n int, _row bigint, _raw string, _note string, _facts string"
    made = StructType.fromDDL(f"{ddl}, _cells struct<{cells}>" if has_cells(contract) else ddl)
    assert isinstance(made, StructType)
    return made


def deal(files: Sequence[FileRef], contract: SourceContract, slots: int) -> list[list[int]]:
    """Indices of files for each task: largest first, each to the task that has least. Empty tasks are left out."""
    heavy = contract.format.compression is not None or contract.format.type == "parquet"
    weights = [(f.bytes or 1) * (COMPRESSED_WEIGHT if heavy else 1) for f in files]
    count = min(len(files), max(slots, -(-sum(weights) // BYTES_OF_A_TASK)))
    hands: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for n in sorted(range(len(files)), key=lambda i: (-weights[i], i)):
        least = loads.index(min(loads))
        hands[least].append(n)
        loads[least] += weights[n]
    return [sorted(hand) for hand in hands if hand]


def _reader(
    work: list[list[tuple[int, FileRef]]], contract: SourceContract
) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """What a task runs: read the files of each hand it is given."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for hand in batch.column(0).to_pylist():
                for number, ref in work[hand]:
                    yield from read(number, ref, contract)

    return run
