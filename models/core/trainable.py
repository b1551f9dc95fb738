"""What one model brings to the common machinery, and what the machinery gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import pyarrow as pa
from pyspark.sql import DataFrame

from conf.models import ModelSpec, ModelsSpec
from models.core.anchor import Start
from models.core.metrics import Floats
from models.core.splits import Split

if TYPE_CHECKING:
    from models.core.boosting import Objective  # LightGBM costs a second that no scoring run needs
    from models.core.champions import Champion
    from models.core.fitting import TrainingResult
    from models.core.gate import Verdict

Frames = Mapping[str, DataFrame]
Kind = Literal["probability", "value", "ranking"]
Rival = Callable[[pa.Table, pa.Table], Floats]
"""Rows that train and later rows in, a raw score of each later row out."""
GONE: Final = "_gone_"
"""Before the months of a horizon: 1.0 where the customer was gone by then."""
GONE_ON: Final = "_gone_on"
"""The day on which they left, null for those who stay."""


def _once(spec: Any) -> tuple[int, ...]:  # noqa: ARG001 - one outcome, whatever is configured
    return ()


@dataclass(frozen=True, slots=True)
class TrainableModel:
    """Who is scored at a date and in which context, and what became of them.

    candidates(frames, spec, dates) gives the rows to score at each date: customer_id, as_of, the `items` columns and
    context features. outcomes(frames, spec, candidates, dates) adds `label` (double), and for a hazard the columns
    GONE and GONE_ON of each of its `periods` (months, the last of them the horizon). `baseline` is SQL over features
    and context: the naive score to beat. `tables`: frame name → table, beyond the features' own. A `ranking` compares
    items within a customer and date. `scored`: SQL over features and context, by the spec, that says which
    candidates are scored at all, where not all of them are; the others neither train nor judge. `rivals`: further scores, by name, that are measured beside ours.
    `start`: where a value's trees begin.
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
    periods: Callable[[Any], tuple[int, ...]] = _once
    rivals: Mapping[str, Rival] = field(default_factory=dict)
    scored: Callable[[Any], str] | None = None
    start: Start | None = None

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

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates at which features are needed."""
        return self.split.dates


class Prepared(Protocol):
    """Past rows of an OwnModel, labelled and counted: `rows` are persisted, `dates` those at which features are needed."""

    @property
    def model(self) -> OwnModel:
        """What this is of."""
        ...

    @property
    def rows(self) -> DataFrame:
        """Whose outcome is known."""
        ...

    @property
    def dates(self) -> tuple[date, ...]:
        """Of features."""
        ...

    def learnt(self, book: DataFrame, as_of: date, champion: Champion | None) -> TrainingResult:
        """Learnt and judged; `book` holds the features of every customer and date."""
        ...


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model that learns in a way of its own, which the common machinery feeds, registers and puts in force.

    prepare(frames, spec, as_of) labels and counts its past rows, or refuses where there are too few. `tables`, `card`: as of
    a TrainableModel.
    """

    name: str
    spec: Callable[[ModelsSpec], ModelSpec]
    prepare: Callable[[Frames, Any, date], Prepared | Verdict]
    tables: Mapping[str, str]
    card: str
