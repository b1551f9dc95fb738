"""Frames that several parts of one plan read."""

from __future__ import annotations

from pyspark.sql import DataFrame


def shared(frame: DataFrame) -> DataFrame:
    """The same rows, computed at first use and kept as long as the frame is.

    Spark plans a frame anew wherever it is used: one that five joins read is scanned and sorted five times.
    For small frames (links, contracts, candidates): what is kept lies in the executors' memory and on their disks.
    """
    return frame.localCheckpoint(eager=False)
