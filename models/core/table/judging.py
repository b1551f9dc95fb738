"""The promotion gate over a plain table: the same judgement as for the bank's own models."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from conf.models import GateSpec
from jobs.core.errors import UsageError
from models.core import metrics
from models.core.bootstrap import Interval
from models.core.evaluation import FIGURES, Scored, ahead
from models.core.gate import Evidence, Verdict, judge
from models.core.metrics import NAN, Floats
from models.core.table.columns import Columns, as_table, plain
from models.core.table.label import outcomes_again
from models.core.table.trained import Trained

GATE: Final = GateSpec(metric="auc")


def gate(
    trained: Trained,
    later: Any = None,
    *,
    champion: Trained | None = None,
    baseline: str | Floats | None = None,
    spec: GateSpec = GATE,
    name: str | None = None,
) -> Verdict:
    """Whether the model may take the champion's place, by rows that didn't train (default: those it kept back).

    It must be ahead of the naive `baseline` (a numeric column, or a score by row; default: no knowledge) and of the
    champion beyond noise, calibrated, stable and fair, on enough cases. The champion must not have trained on the rows
    either. Raises UsageError where there are no rows to judge by.
    """
    rows = trained.later if later is None else as_table(later)
    if rows is None or not len(rows):
        raise UsageError("there are no later rows to judge by", "train with later > 0, or give them")
    raw, y = trained.raw(rows), outcomes_again(rows, trained.label, trained.positive)
    scored = Scored.of(y, raw, trained.model.calibration.apply(raw))
    evaluation = trained.evaluate(rows, draws=0)
    naive, best = _naive(rows, baseline), None if champion is None else champion.raw(rows)
    evidence = Evidence(
        value=_figure(scored, raw, spec),
        baseline=_figure(scored, naive, spec),
        champion=NAN if best is None else _figure(scored, best, spec),
        calibration_error=evaluation.figures["calibration_error"].value,
        cases=trained.cases,
        later_cases=evaluation.cases,
        over_baseline=_lead(scored, naive, spec),
        over_champion=None if best is None else _lead(scored, best, spec),
        psi=evaluation.psi,
        calibration_noise=metrics.calibration_noise(scored.calibrated),
        gaps=evaluation.gaps,
    )
    return judge(name or trained.label, spec, evidence)


def drift(earlier: Any, later: Any, columns: Columns | None = None) -> dict[str, float]:
    """PSI of each column between two frames, most moved first: below .1 stable, above .25 shifted.

    Text by its values, numbers by the earlier frame's tenths; nulls count as a value of their own.
    `columns` (a model's) leaves the others out.
    """
    before, after = as_table(earlier), as_table(later)
    names = columns.features if columns else [n for n in before.column_names if n in after.column_names]
    time = columns.time if columns else None
    found = {n: _moved(plain(before, n, time), plain(after, n, time)) for n in names}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _moved(before: pa.ChunkedArray, after: pa.ChunkedArray) -> float:
    if pa.types.is_string(before.type) or pa.types.is_string(after.type):
        values = pc.unique(
            pa.chunked_array([*before.cast(pa.string()).chunks, *after.cast(pa.string()).chunks])
        )
        e, a = (pc.index_in(c.cast(pa.string()), value_set=values) for c in (before, after))
        places = [np.asarray(c.to_numpy(zero_copy_only=False), dtype=np.int64) for c in (e, a)]
        return _between(*(np.bincount(p, minlength=len(values)) for p in places))
    e, a = (np.asarray(c.cast(pa.float64()).to_numpy(zero_copy_only=False)) for c in (before, after))
    edges = np.unique(np.nanquantile(e, np.linspace(0.1, 0.9, 9))) if np.isfinite(e).any() else np.empty(0)
    places = [np.where(np.isnan(v), len(edges) + 1, np.searchsorted(edges, v, side="right")) for v in (e, a)]
    return _between(*(np.bincount(p, minlength=len(edges) + 2) for p in places))


def _between(before: Any, after: Any) -> float:
    e, a = (np.maximum(c / max(1, c.sum()), metrics.PSI_FLOOR) for c in (before, after))
    return float(((a - e) * np.log(a / e)).sum())


def _naive(rows: pa.Table, baseline: str | Floats | None) -> Floats:
    if baseline is None:
        return np.zeros(len(rows))
    if isinstance(baseline, str):
        if baseline not in rows.column_names:
            raise UsageError(f"there is no baseline column {baseline!r}", "name a column of the later rows")
        column = plain(rows, baseline, None)
        if not pa.types.is_floating(column.type):
            raise UsageError(f"baseline {baseline!r} isn't a number", "give a score by row")
        return np.nan_to_num(np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64))
    if len(baseline) != len(rows):
        raise UsageError(f"the baseline has {len(baseline)} scores for {len(rows)} rows", "give one by row")
    return np.asarray(baseline, dtype=np.float64)


def _figure(ours: Scored, raw: Floats, spec: GateSpec) -> float:
    return FIGURES["probability"][spec.metric](Scored.of(ours.y, raw))


def _lead(ours: Scored, other: Floats, spec: GateSpec) -> Interval | None:
    if not spec.draws:
        return None
    return ahead("probability", spec.metric, ours, other, draws=spec.draws, confidence=spec.confidence)
