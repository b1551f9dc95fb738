"""Learning a hazard: person-periods in, one model with the period as a feature out, calibrated for each horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from conf.models import LearnSpec
from models.core.boosting import Cases, Learnt
from models.core.calibration import isotonic
from models.core.encoding import Matrix
from models.core.rivals import learn_best
from models.core.survival import PERIOD, Periods, gone_by, in_periods


def learn_hazard(
    cases: Cases,
    gone: Matrix,
    ends: Sequence[int],
    fold: npt.NDArray[np.int64],
    *,
    features: Sequence[str],
    categorical: Sequence[str],
    spec: LearnSpec,
) -> Learnt:
    """The hazard of each period, and the calibration of being gone by each end, from what no fold trained on.

    `gone`: cases × periods, 1 where the customer was gone by the period's end. `unseen` of the result is the
    probability of being gone by the last end.
    """
    learnt = learn_best(
        person_periods(cases, gone, ends),
        np.repeat(fold, len(ends)),
        objective="binary",
        features=[*features, PERIOD],
        categorical=categorical,
        spec=spec,
    )
    said = gone_by(learnt.unseen.reshape(gone.shape))
    maps = tuple(isotonic(said[:, j], gone[:, j], cases.weight) for j in range(len(ends)))
    return replace(learnt, calibration=maps[-1], unseen=said[:, -1], periods=Periods(tuple(ends), maps))


def person_periods(cases: Cases, gone: Matrix, ends: Sequence[int]) -> Cases:
    """One row per case and period, whose outcome is going in it. Who was gone before has no weight in it.

    They keep their rows, because what the folds say of them calibrates the later horizons.
    """
    before = np.column_stack([np.zeros(len(cases)), gone[:, :-1]])
    return Cases(
        x=in_periods(cases.x, ends),
        y=(gone * (1 - before)).ravel(),
        weight=(cases.weight[:, None] * (1 - before)).ravel(),
        customers=np.repeat(cases.customers, len(ends)),
    )
