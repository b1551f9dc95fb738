"""What one kind of model has beyond the others': a hazard its horizons, a value its intervals, a ranking its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from conf.models import ClvSpec
from models.core import metrics
from models.core.boosting import Cases, Learnt
from models.core.calibration import isotonic
from models.core.encoding import Matrix
from models.core.evaluation import FIGURES, Scored
from models.core.hazard import learn_hazard
from models.core.intervals import RECORD, band, coverage
from models.core.lead_time import lead_time
from models.core.metrics import Floats
from models.core.rivals import learn_best
from models.core.survival import Hazard
from models.core.trainable import GONE, GONE_ON, Labelled

OF_RIVALS: Final = ("map_at_1", "map_at_3", "captured_10")
Own = tuple[dict[str, float], dict[str, Any]]
"""Further figures, and what a champion must remember."""


def learn_kind(
    ready: Labelled, train: pa.Table, cases: Cases, fold: np.ndarray, names: Sequence[str], text: list[str]
) -> Learnt:
    """A hazard where several horizons are asked for, else one outcome."""
    how: dict[str, Any] = {"features": names, "categorical": text, "spec": ready.spec.learn}
    if len(ends := ready.model.periods(ready.spec)) > 1:
        return learn_hazard(cases, gone_in(train, ends), ends, fold, **how)
    return learn_best(cases, fold, objective=ready.model.objective, start=ready.model.start, **how)


def own_of(ready: Labelled, learnt: Learnt, ours: Scored, train: pa.Table, later: pa.Table, x: Matrix) -> Own:
    """What this model's kind has of its own; `ours` and `x` are of the later rows."""
    if learnt.periods is not None:
        return by_horizon(ready, learnt, train, later, x), {}
    if isinstance(ready.spec, ClvSpec):
        return within(learnt, ours, _floats(train, "label"), ready.spec.interval)
    return beside(ready, ours, train, later), {}


def gone_in(table: pa.Table, ends: Sequence[int]) -> Matrix:
    """Rows × horizons: 1.0 where the customer was gone by then."""
    return np.column_stack([_floats(table, f"{GONE}{m}") for m in ends])


def by_horizon(
    ready: Labelled, learnt: Learnt, train: pa.Table, later: pa.Table, x: Matrix
) -> dict[str, float]:
    """AUC and calibration error of each horizon on later rows, the naive score's beside them, and the lead time.

    The naive score is brought to probabilities as ours is: by isotonic regression on the rows that train.
    """
    scorer, figures = learnt.scorer, dict[str, float]()
    assert isinstance(scorer, Hazard)
    assert learnt.periods is not None
    raw = scorer.gone(x, ready.spec.learn.threads)
    said, y = learnt.periods.calibrated(raw), gone_in(later, learnt.periods.ends)
    before, naive = gone_in(train, learnt.periods.ends), _floats(later, "_baseline")
    for j, months in enumerate(learnt.periods.ends):
        known = isotonic(_floats(train, "_baseline"), before[:, j], _floats(train, "_weight"))
        figures |= {
            f"auc_{months}m": metrics.auc(y[:, j], raw[:, j]),
            f"baseline_auc_{months}m": metrics.auc(y[:, j], naive),
            f"calibration_error_{months}m": metrics.calibration_error(y[:, j], said[:, j]),
            f"baseline_calibration_error_{months}m": metrics.calibration_error(y[:, j], known.apply(naive)),
        }
    return {**figures, **lead_time(_looks(train, learnt.unseen), _looks(later, raw[:, -1]))}


def within(learnt: Learnt, ours: Scored, y: Floats, share: float) -> Own:
    """The band of what no fold trained on (outcomes `y`), and how many later cases lie in theirs."""
    known = band(learnt.calibration.apply(learnt.unseen), y, share)
    low, high = known.around(ours.calibrated)
    width = float(np.median(high - low))
    return {"interval_coverage": coverage(ours.y, low, high), "interval_width": width}, {
        RECORD: asdict(known)
    }


def beside(ready: Labelled, ours: Scored, train: pa.Table, later: pa.Table) -> dict[str, float]:
    """A ranking's figures for the naive score and each rival, on the same later rows."""
    if not ready.model.rivals:
        return {}
    others = {"baseline": _floats(later, "_baseline")}
    others |= {name: score(train, later) for name, score in ready.model.rivals.items()}
    figures = FIGURES[ready.model.kind]
    scored = {name: Scored(ours.y, raw, raw, ours.case) for name, raw in others.items()}
    return {f"{name}_{f}": figures[f](told) for name, told in scored.items() for f in OF_RIVALS}


def _looks(table: pa.Table, score: Floats) -> pd.DataFrame:
    names = {"customer_id": "customer_id", "as_of": "as_of", GONE_ON: "gone_on", "_weight": "weight"}
    frame = table.select(list(names)).to_pandas().rename(columns=names)
    return frame.assign(score=score)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)
