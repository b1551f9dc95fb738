"""A model of a plain table: what it says of rows, why, and how well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.core.errors import UsageError
from models.core import metrics
from models.core.bootstrap import DRAWS, Interval
from models.core.champions import Champion
from models.core.encoding import MissingFeaturesError
from models.core.evaluation import Scored, with_intervals
from models.core.explanations import Reasons, reasons
from models.core.fairness import LEAST, SELECTED, Gap, Group, by_group, gaps
from models.core.metrics import Floats
from models.core.proxies import Proxy
from models.core.table.columns import Columns, as_table, plain
from models.core.table.label import outcomes_again

FILE: Final = "model.json"
AGE_BANDS: Final = (25, 35, 45, 60)
"""Where bands of a numeric sensitive attribute begin; the elderly are 60 and over."""
MOST_GROUPS: Final = 12
"""A numeric attribute with more values than this is put into bands."""


@dataclass(frozen=True)
class Evaluation:
    """How good the scores of some rows are, with intervals of 95 %, and by groups of people.

    `figures`: auc, average_precision, lift_10, brier, calibration_error. `psi`: how far the scores moved from training.
    """

    rows: int
    cases: int
    figures: Mapping[str, Interval]
    psi: float
    groups: Sequence[Group] = ()
    gaps: Sequence[Gap] = ()

    def __str__(self) -> str:
        """A line a figure."""
        lines = [f"{self.rows} rows, {self.cases} cases, PSI {self.psi:.3f}"]
        lines += [f"{name:18} {value}" for name, value in self.figures.items()]
        return "\n".join([*lines, *(f"gap: {gap}" for gap in self.gaps)])


@dataclass(frozen=True)
class Trained:
    """A fitted, calibrated model and what it was made of.

    `left_out`: column → why it isn't a feature. `compared`: log loss on unseen folds by the trees' share (1 trees
    alone, 0 logistic regression alone). `cases`: positive ones that trained. `later`: the rows kept back to judge by
    (None: none were). `evaluation`: of these. `proxies`: how well the features foretell each sensitive attribute.
    """

    model: Champion
    columns: Columns
    label: str
    positive: Any
    sensitive: tuple[str, ...]
    left_out: Mapping[str, str]
    compared: Mapping[float, float]
    cases: int
    later: pa.Table | None = field(default=None, repr=False)
    evaluation: Evaluation | None = None
    proxies: Sequence[Proxy] = ()

    def raw(self, frame: Any) -> Floats:
        """The uncalibrated probability of each row: the order, without isotonic steps."""
        return self.model.scorer.raw(self.columns.matrix(frame))

    def predict(self, frame: Any) -> Floats:
        """The calibrated probability of each row, in the frame's order.

        Raises MissingFeaturesError where a feature's column is missing, UsageError where it changed its kind.
        """
        return self.model.calibration.apply(self.raw(frame))

    def reasons(self, frame: Any, number: int = 5) -> list[Reasons]:
        """For each row the features that move its log-odds most. Dear: some hundred rows a second."""
        x = self.columns.matrix(frame)
        return reasons(self.model.scorer, x, self.model.features, self.model.categories, number)

    def evaluate(self, frame: Any, *, draws: int = DRAWS, selected: float = SELECTED) -> Evaluation:
        """Figures on labelled rows that didn't train, and by group where the frame has the sensitive columns."""
        table = as_table(frame)
        y, raw = outcomes_again(table, self.label, self.positive), self.raw(table)
        scored = Scored.of(y, raw, self.model.calibration.apply(raw))
        told = groups_of(table, [n for n in self.sensitive if n in table.column_names])
        groups = by_group(y, scored.calibrated, told, selected=selected, least=LEAST)
        return Evaluation(
            rows=len(y),
            cases=int(y.sum()),
            figures=with_intervals("probability", scored, draws=draws),
            psi=metrics.psi(np.asarray(self.model.extra["said"]), raw),
            groups=groups,
            gaps=gaps(groups),
        )

    def save(self, file: Path | str) -> None:
        """Write the model, without any row that trained or judged it, as one JSON file."""
        kept = {
            "model": json.loads(self.model.to_json()),
            "columns": {"dates": self.columns.dates, "time": self.columns.time},
            **{n: getattr(self, n) for n in ("label", "positive", "sensitive", "cases")},
            "left_out": dict(self.left_out),
            "compared": list(self.compared.items()),
        }
        Path(file).write_text(json.dumps(kept, default=str), encoding="utf-8")


def load(file: Path | str) -> Trained:
    """What `Trained.save` wrote: predicts, explains and evaluates as before. Raises UsageError for another file."""
    try:
        kept = json.loads(Path(file).read_text(encoding="utf-8"))
        model = Champion.from_json(json.dumps(kept["model"]), kept["model"]["version"])
        dates, time = tuple(kept["columns"]["dates"]), kept["columns"]["time"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file} holds no model ({type(error).__name__})", "give one that save() wrote"
        ) from None
    return Trained(
        model=model,
        columns=Columns(model.features, model.categories, dates, time),
        label=kept["label"],
        positive=kept["positive"],
        sensitive=tuple(kept["sensitive"]),
        left_out=kept["left_out"],
        compared={float(share): loss for share, loss in kept["compared"]},
        cases=kept["cases"],
    )


def groups_of(table: pa.Table, sensitive: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Each attribute's group by row: its values; a number with many of them in AGE_BANDS. Null stays null."""
    if missing := [n for n in sensitive if n not in table.column_names]:
        raise MissingFeaturesError(f"there is no sensitive column {missing[0]}", "name columns of the frame")
    return {name: _groups(plain(table, name, None)) for name in sensitive}


def _groups(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    values = column.to_numpy(zero_copy_only=False)
    if pa.types.is_string(column.type) or len(np.unique(values[~np.isnan(values)])) <= MOST_GROUPS:
        return np.asarray(values)
    edges = (None, *AGE_BANDS, None)
    names = [_band(a, b) for a, b in pairwise(edges)]
    place = np.searchsorted(AGE_BANDS, values, side="right")
    return np.array(
        [None if v != v else names[p] for v, p in zip(values, place, strict=True)],  # noqa: PLR0124 - nan
        dtype=object,
    )


def _band(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return f"under {high}" if low is None else f"{low} and over"
    return f"{low} to {high - 1}"
