"""What a training measured, gathered for the model card: figures with intervals, slices, groups of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from models.core.boosting import Cases, Learnt
from models.core.card import Report
from models.core.evaluation import Scored, with_intervals
from models.core.fairness import Gap, Group
from models.core.slices import slices
from models.core.trainable import Labelled

GROUP: Final = "_group_"
"""Before the names of the columns that hold a row's groups."""
MOST_VALUES: Final = 12
"""Text with more values is no slice."""


def report(
    ready: Labelled,
    scored: Scored,
    later: pa.Table,
    *,
    compared: Mapping[str, float],
    groups: Sequence[Group],
    gaps: Sequence[Gap],
) -> Report:
    """The report on the later window's rows; whole customers are resampled, as often as the gate does."""
    customers = np.asarray(later["customer_id"].to_numpy(zero_copy_only=False), dtype=object)
    gate = ready.spec.gate
    return Report(
        split=ready.split,
        horizon_months=ready.spec.horizon_months,
        cases=ready.cases,
        later_cases=ready.later_cases,
        rows=(ready.rows_train, ready.rows_later),
        figures=with_intervals(ready.model.kind, scored, group=customers, draws=gate.draws),
        compared=compared,
        slices=slices(ready.model.kind, gate.metric, scored, _parts(ready, later), min(gate.draws, 100)),
        groups=groups,
        gaps=gaps,
        selected=ready.spec.fairness.selected,
    )


def params(ready: Labelled, learnt: Learnt, cases: Cases) -> dict[str, object]:
    """What the run is told by: horizon, dates, rows, rounds, the learner's own parameters."""
    split = ready.split
    return {
        "horizon_months": ready.spec.horizon_months,
        "train_dates": _dates(split.train),
        "later_dates": _dates(split.later),
        "purged": split.purged,
        "rows": len(cases),
        "features": cases.x.shape[1],
        "rounds": learnt.rounds,
        "boosted_share": learnt.boosted,
        "objective": ready.model.objective,
        "seed": ready.spec.learn.seed,
        "periods": ", ".join(map(str, ready.model.periods(ready.spec))) or "one",
        **{f"lgb_{k}": v for k, v in ready.spec.learn.params.items()},
        **(learnt.found.told if learnt.found else {}),
    }


def _dates(dates: Sequence[date]) -> str:
    return ", ".join(d.isoformat() for d in dates)


def _parts(ready: Labelled, later: pa.Table) -> dict[str, np.ndarray]:
    """Groups of people as configured, and what few kinds of items or customers there are."""
    people = {n.removeprefix(GROUP): n for n in later.column_names if n.startswith(GROUP)}
    text = {
        n: n for n in later.column_names if pa.types.is_string(later[n].type) and n not in people.values()
    }
    kinds = {n: c for n, c in text.items() if n not in ready.model.keys and _few(later[c])}
    return {n: later[c].to_numpy(zero_copy_only=False) for n, c in {**people, **kinds}.items()}


def _few(values: pa.ChunkedArray) -> bool:
    return 1 < len(values.unique()) <= MOST_VALUES
