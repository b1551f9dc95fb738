"""Reasons: the features that moved a customer's score most (SHAP values, Lundberg et al. 2018, from LightGBM).

A hundred times dearer than the score itself, so only for the rows that need them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.core.encoding import Matrix

REASON: Final = pa.struct([("feature", pa.string()), ("value", pa.string()), ("contribution", pa.float64())])
REASONS_DDL: Final = "array<struct<feature:string,value:string,contribution:double>>"


class Reason(TypedDict):
    """One feature's part in a score: its name, its value for people, its contribution to the raw margin."""

    feature: str
    value: str | None
    contribution: float


Reasons = list[Reason]
Indices = npt.NDArray[np.intp]


class Explained(Protocol):
    """What can say which features moved a row."""

    def contributions(self, x: Matrix) -> Matrix:
        """Rows × features: each one's part."""
        ...


def reasons(
    scorer: Explained,
    x: Matrix,
    features: Sequence[str],
    categories: Mapping[str, Sequence[str]],
    number: int,
) -> list[Reasons]:
    """For each row its `number` largest contributions to the raw margin, largest absolute value first.

    Contributions are in the raw margin (log-odds for probabilities); text features show their value.
    """
    if not len(x) or not number:
        return [[] for _ in range(len(x))]
    moved = scorer.contributions(x)
    best = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :number]
    return [
        [
            {
                "feature": features[j],
                "value": shown(features[j], x[i, j], categories),
                "contribution": float(moved[i, j]),
            }
            for j in best[i]
            if moved[i, j]
        ]
        for i in range(len(x))
    ]


def spread(told: Sequence[Reasons], places: Indices, number: int) -> pa.Array:
    """One list of reasons for each of `number` rows: those `told` at their `places` (rising), elsewhere none."""
    sizes = np.zeros(number + 1, dtype=np.int32)
    sizes[places + 1] = [len(why) for why in told]
    entries = pa.array([reason for why in told for reason in why], REASON)
    return pa.ListArray.from_arrays(pa.array(np.cumsum(sizes, dtype=np.int32)), entries)


def shown(feature: str, value: float, categories: Mapping[str, Sequence[str]]) -> str | None:
    """A feature's value for people; None where it is missing."""
    if np.isnan(value):
        return None
    if feature in categories:
        return categories[feature][int(value)]
    return f"{value:.6g}"
