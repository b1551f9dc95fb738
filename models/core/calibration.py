"""Calibration: a frozen, monotone map from a model's raw output to what really happens at that output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Points of a piecewise linear map, ascending; outside of them the end values hold. No points: identity."""

    raw: tuple[float, ...] = ()
    real: tuple[float, ...] = ()

    def apply(self, score: Floats) -> Floats:
        """The calibrated probability, or value in the label's unit, of each raw output."""
        return np.interp(score, self.raw, self.real) if self.raw else np.asarray(score, dtype=np.float64)


def isotonic(score: Floats, y: Floats, weight: Floats | None = None) -> Calibration:
    """Isotonic regression (Zadrozny & Elkan 2002) of outcomes on scores the model did not see in training."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - seconds that no scoring run needs

    fitted = IsotonicRegression(out_of_bounds="clip").fit(score, y, sample_weight=weight)
    return Calibration(
        tuple(map(float, fitted.X_thresholds_)),
        tuple(map(float, fitted.y_thresholds_)),
    )
