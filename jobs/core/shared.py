"""Frames that several parts of one plan read."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

FEW: Final = 200_000


def shared(frame: DataFrame) -> DataFrame:
    """The same rows, computed at first use and kept as long as the frame is.

    Spark plans a frame anew wherever it is used: one that five joins read is scanned and sorted five times.
    For small frames (links, contracts, candidates): what is kept lies in the executors' memory and on their disks.
    """
    return frame.localCheckpoint(eager=False)


def shared_and_sent(frame: DataFrame, otherwise: str | None = None) -> DataFrame:
    """`frame` computed once (`shared`), and `sent` by as many rows as it then has."""
    kept = shared(frame)
    return sent(kept, kept.count(), otherwise)


def sent(frame: DataFrame, rows: int, otherwise: str | None = None) -> DataFrame:
    """`frame` of so many rows, sent to every worker where they are few: what it is held against needs no sorting.

    Many get the hint `otherwise`: "shuffle_hash" where each of them meets many rows, which then needn't be sorted either.
    """
    if rows <= FEW:
        return F.broadcast(frame)
    return frame.hint(otherwise) if otherwise else frame
