"""Uplift as MLflow runs it: doubles under the features' names in, one effect a goal out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel

from models.core.champions import Champion
from models.uplift.goal import GOALS, Goal


class Effects(PythonModel):
    """Every goal's effect, whether or not the gate lets it score."""

    def __init__(self, champion: Champion) -> None:
        self.champion = champion

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002 - mlflow's own
        """A column for each goal, in the outcome's unit."""
        told = {}
        for name, raw in sorted(self.champion.extra[GOALS].items()):
            goal = Goal.from_json(raw)
            x = np.asarray(model_input[list(goal.features)].to_numpy(float), dtype=np.float64)
            told[name] = goal.effect(goal.effects(x))
        return pd.DataFrame(told)
