"""What one model brings to the common machinery, and what the machinery gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pyspark.sql import DataFrame

from conf.models import ModelSpec, ModelsSpec
from models.core.splits import Split

if TYPE_CHECKING:
    from models.core.boosting import Objective  # LightGBM costs a second that no scoring run needs

Frames = Mapping[str, DataFrame]
Kind = Literal["probability", "value", "ranking"]


@dataclass(frozen=True, slots=True)
class TrainableModel:
    """Who is scored at a date and in which context, and what became of them.

    candidates(frames, spec, dates) gives the rows to score at each date: customer_id, as_of, the `items` columns and
    context features. outcomes(frames, spec, candidates, dates) adds `label` (double). `baseline` is SQL over features and context: the naive score to beat. `tables`: frame name →
    table, beyond the features' own. A `ranking` compares items within a customer and date. `scored`: SQL by
    the spec that says which candidates are scored at all, where not all of them are (all train).
    """

    name: str
    kind: Kind
    objective: Objective
    spec: Callable[[ModelsSpec], ModelSpec]
    candidates: Callable[[Frames, Any, Sequence[date]], DataFrame]
    outcomes: Callable[[Frames, Any, DataFrame, Sequence[date]], DataFrame]
    baseline: str
    tables: Mapping[str, str]
    card: str
    items: tuple[str, ...] = ()
    scored: Callable[[Any], str] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """What names a scored row."""
        return ("customer_id", "as_of", *self.items[:1])


@dataclass(frozen=True, slots=True)
class Labelled:
    """A model whose past rows are labelled and counted: `cases` positive ones of `rows_train` train."""

    model: TrainableModel
    spec: ModelSpec
    split: Split
    rows: DataFrame
    cases: int
    later_cases: int
    rows_train: int
    rows_later: int
