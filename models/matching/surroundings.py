"""What is known of the book beyond the records that are scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Surroundings:
    """What is known of the book beyond the records at hand, where only a part of it is scored.

    usable: blocking keys (block) that bring records together, counted over the whole book.
    frequencies: (field, value, share), as models.matching.frequencies says; the model's own go before them.
    """

    usable: DataFrame | None = None
    frequencies: DataFrame | None = None


ALONE: Final = Surroundings()
