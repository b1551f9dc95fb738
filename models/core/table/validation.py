"""Cross-validation: each row foretold by a model that never saw it, whole machinery inside every fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from conf.models import LearnSpec
from models.core.bootstrap import DRAWS, Interval
from models.core.evaluation import Scored, with_intervals
from models.core.metrics import Floats
from models.core.table.columns import as_table
from models.core.table.label import outcomes
from models.core.table.training import LEARN, train


@dataclass(frozen=True)
class Validation:
    """Outcomes and what was said of each row by the fold that left it out; the trees' share that each fold chose."""

    y: Floats
    raw: Floats
    calibrated: Floats
    boosted: tuple[float, ...]

    def figures(self, draws: int = DRAWS) -> Mapping[str, Interval]:
        """AUC and its like over all rows, with bootstrap intervals of 95 %."""
        scored = Scored.of(self.y, self.raw, self.calibrated)
        return with_intervals("probability", scored, draws=draws)


def cross_validate(
    frame: Any,
    *,
    label: str,
    positive: Any = None,
    folds: int = 5,
    seed: int = 7,
    exclude: Sequence[str] = (),
    spec: LearnSpec = LEARN,
) -> Validation:
    """Stratified folds of rows. It hides drift: where there are dates, `train` with `time` tells more.

    Raises UsageError as `train`.
    """
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - seconds that no scoring run needs

    table = as_table(frame)
    y, chosen = outcomes(table, label, positive)
    raw, calibrated, shares = np.empty(len(y)), np.empty(len(y)), []
    for inside, out in StratifiedKFold(folds, shuffle=True, random_state=seed).split(y, y):
        part = table.take(pa.array(inside))
        model = train(part, label=label, positive=chosen, exclude=exclude, later=0, spec=spec)
        raw[out] = model.raw(table.take(pa.array(out)))
        calibrated[out] = model.model.calibration.apply(raw[out])
        shares.append(model.model.boosted)
    return Validation(y, raw, calibrated, tuple(shares))
