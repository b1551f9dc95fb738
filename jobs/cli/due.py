"""Which models must be trained: those that gold.model_retrain names, unless nothing newer could be learnt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import functions as F

from jobs.cli.options import Place
from models.core.splits import month_end

TABLE: Final = "gold.model_retrain"


@dataclass(frozen=True, slots=True)
class Due:
    """Whether one model must be trained, and why or why not."""

    model: str
    is_due: bool
    reason: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.model}: {'due' if self.is_due else 'not due'}: {self.reason}"


def due(
    names: Iterable[str], told: Mapping[str, Iterable[str]], trained: Mapping[str, date], as_of: date
) -> list[Due]:
    """A verdict for each of `names`: `told` are the reasons of those that were judged, `trained` the last trainings.

    Models learn from month ends. One that was trained since the last of them would learn the very same again.
    """
    found = []
    for name in names:
        why = ", ".join(told[name]) if name in told else "never judged"
        last = trained.get(name)
        if not why:
            found.append(Due(name, False, "within its bounds"))
        elif last is not None and month_end(last) >= month_end(as_of):
            found.append(Due(name, False, f"{why}, but no month has ended since it was trained as of {last}"))
        else:
            found.append(Due(name, True, why))
    return found


def reasons(where: Place, as_of: date) -> dict[str, list[str]]:
    """Model → its broken bounds on the last date judged up to `as_of`; a row for each model."""
    if where.lake.version(TABLE) is None:
        return {}
    rows = where.lake.read(where.spark, TABLE).where(F.col("as_of") <= F.lit(as_of))
    last = rows.groupBy("model").agg(F.max_by("reasons", "as_of").alias("reasons"))
    return {r["model"]: list(r["reasons"]) for r in last.collect()}
