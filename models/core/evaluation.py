"""The figures of a model on cases it never trained on, by kind of model; plain arrays in, a mapping out."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.core import metrics
from models.core.metrics import Floats
from models.core.trainable import Kind

ERROR: Final[dict[Kind, str]] = {
    "probability": "calibration_error",
    "ranking": "calibration_error",
    "value": "total_bias",
}
"""Which figure the gate reads as the calibration error."""


def measured(
    kind: Kind, y: Floats, raw: Floats, calibrated: Floats, case: npt.NDArray[np.int64]
) -> dict[str, float]:
    """Figures of `raw` (order) and `calibrated` (level) against outcomes `y`; `case` groups a ranking's rows."""
    if kind == "value":
        return {
            "spearman": metrics.spearman(y, raw),
            "mae": metrics.mae(y, calibrated),
            "rmse": metrics.rmse(y, calibrated),
            "total_bias": metrics.total_bias(y, calibrated),
            "top_tenth_share": metrics.top_share(y, raw),
        }
    figures = {
        "auc": metrics.auc(y, raw),
        "average_precision": metrics.average_precision(y, raw),
        "lift_10": metrics.lift_at(y, raw),
        "brier": metrics.brier(y, calibrated),
        "calibration_error": metrics.calibration_error(y, calibrated),
    }
    if kind == "ranking":
        figures |= {f"map_at_{k}": metrics.map_at_k(case, y, raw, k) for k in (1, 3)}
    return figures
