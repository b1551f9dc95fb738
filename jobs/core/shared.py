"""Frames that several parts of one plan read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import RLock
from typing import Final, Generic, TypeVar

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

K = TypeVar("K", bound=Hashable)
FEW: Final = 200_000


@dataclass(frozen=True, slots=True)
class Once(Generic[K]):
    """Frames by a key. Each is made by the first thread that asks, while the others wait; one may need another."""

    _made: dict[K, DataFrame] = field(default_factory=dict)
    _making: RLock = field(default_factory=RLock)

    def get(self, key: K, make: Callable[[], DataFrame]) -> DataFrame:
        """What is known by the key, made now if it isn't yet."""
        with self._making:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]


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
