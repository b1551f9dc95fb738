"""Logistic regression as a frozen record: the rival that wins where cases are few.

Each number is centred and scaled by the training's median and quartiles and drawn in by asinh, so that one huge
amount doesn't rule; a missing one counts as the median, with a flag of its own where training had any. Text is one
indicator a value. Prediction needs numpy alone, so Spark workers can do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from models.core.encoding import Matrix
from models.core.metrics import Floats

STRENGTHS: Final = (0.03, 0.3, 3.0)
"""Inverse penalties (sklearn's C) that the folds choose among."""
Part = tuple[int, Literal["number", "missing", "value"], float, float]
"""A column of the design: the feature's place, what of it, and (centre, scale) or (code, 1)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """log-odds = intercept + Σ coefficient · (column − mean); `parts` says how each column is made of the features."""

    parts: tuple[Part, ...]
    means: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def margin(self, x: Matrix) -> Floats:
        """Log-odds of each row of codes and numbers, rows × features."""
        return self.margin_of(design(x, self.parts))

    def margin_of(self, columns: Matrix) -> Floats:
        """The same of rows whose `design` is at hand."""
        # Row by row in memory, and no product of matrices: the last digits mustn't hang on how many rows come together.
        moved: Floats = np.ascontiguousarray(self._moved(columns)).sum(axis=1) + self.intercept
        return moved

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: by how much each feature moves the log-odds from the training's mean row."""
        moved = self._moved(design(x, self.parts))
        out = np.zeros(x.shape)
        for j, (feature, *_) in enumerate(self.parts):
            out[:, feature] += moved[:, j]
        return out

    def _moved(self, columns: Matrix) -> Matrix:
        moved: Matrix = (columns - np.asarray(self.means)) * np.asarray(self.coefficients)
        return moved

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Linear:
        """The record of what `dataclasses.asdict` made."""
        parts = tuple((int(f), kind, float(a), float(b)) for f, kind, a, b in raw["parts"])
        return cls(parts, tuple(raw["means"]), tuple(raw["coefficients"]), float(raw["intercept"]))


def parts_of(x: Matrix, categorical: Sequence[int]) -> tuple[Part, ...]:
    """The columns that a training matrix gives rise to; `categorical`: the places of text features."""
    made: list[Part] = []
    by_feature = np.asfortranarray(x)
    for j in range(x.shape[1]):
        seen = by_feature[~np.isnan(by_feature[:, j]), j]
        if j in categorical:
            made += [(j, "value", float(code), 1.0) for code in np.unique(seen)]
            continue
        if len(seen):
            low, centre, high = np.quantile(seen, [0.25, 0.5, 0.75])
            made.append((j, "number", float(centre), float(high - low or seen.std() or 1.0)))
        if len(seen) < len(x):
            made.append((j, "missing", 0.0, 1.0))
    return tuple(made)


def design(x: Matrix, parts: Sequence[Part]) -> Matrix:
    """Rows × columns of the regression; column after column in memory, as they are made and read."""
    by_feature, out = np.asfortranarray(x), np.zeros((len(x), len(parts)), order="F")
    for i, (feature, kind, centre, scale) in enumerate(parts):
        column = by_feature[:, feature]
        if kind == "number":
            out[:, i] = np.arcsinh(np.nan_to_num((column - centre) / scale))
        else:
            out[:, i] = np.isnan(column) if kind == "missing" else column == centre
    return out


def fit(
    x: Matrix, y: npt.NDArray[Any], weight: Floats, *, categorical: Sequence[int], strength: float
) -> Linear:
    """Penalised maximum likelihood (L2; `strength` is sklearn's C) on columns brought to unit variance."""
    parts = parts_of(x, categorical)
    (fitted,) = fits(design(x, parts), parts, y, weight, [strength])
    return fitted


def fits(
    columns: Matrix,
    parts: tuple[Part, ...],
    y: npt.NDArray[Any],
    weight: Floats,
    strengths: Sequence[float],
) -> list[Linear]:
    """`fit` for each of the strengths, of the `design` that the parts make."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - seconds that no scoring run needs

    means, spread = columns.mean(axis=0), np.maximum(columns.std(axis=0), 1e-9)
    scaled = np.ascontiguousarray((columns - means) / spread)
    fitted = []
    for strength in strengths:
        model = LogisticRegression(C=strength, max_iter=300, tol=1e-3)
        model.fit(scaled, y > 0, sample_weight=weight)
        coefficients = tuple(map(float, model.coef_[0] / spread))
        fitted.append(Linear(parts, tuple(map(float, means)), coefficients, float(model.intercept_[0])))
    return fitted
