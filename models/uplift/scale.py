"""How large differences between customers really are: effects drawn to what the trial bears out."""

from __future__ import annotations

import numpy as np

from models.core.metrics import Floats
from models.uplift.curves import Trial, slope


def scale_of(trial: Trial, effects: Floats) -> tuple[float, float]:
    """(mean effect foretold, factor): differences between customers as large as the trial bears out, at most as foretold."""
    factor = slope(trial, effects)
    return float(effects.mean()), float(np.clip(np.nan_to_num(factor), 0.05, 1.5))


def scaled(effects: Floats, scale: tuple[float, float]) -> Floats:
    """Effects drawn towards, or away from, their mean."""
    centre, factor = scale
    return centre + factor * (effects - centre)
