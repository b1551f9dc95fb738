"""Pairs that couldn't be recognised even if they were one: their low probability says nothing against a cluster.

Of two records of one person the one may know the birth and the other the address; alone such a pair is taken for two,
as nearly all such pairs are. Where a third record joins both, it is no evidence against. How recognisable a pair is
follows from the columns that both know: what they would weigh, on average, if it were one entity (the sum of
m log2(m / u) over their levels), with the prior. What speaks against one entity counts all the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.linkage.weights import Weights

Floats = npt.NDArray[np.float64]
SHY: Final = 0.8
"""An undecided pair counts as this share of the threshold, so that such pairs alone join nothing."""


def eased(probability: Floats, weights: Weights, scored: pa.Table, threshold: float) -> Floats:
    """`probability` for average linkage at `threshold`: drawn towards a little below it where a pair tells little."""
    told = decided(weights, scored)
    drawn = told * probability + (1 - told) * SHY * threshold
    return np.where(probability >= threshold, probability, np.maximum(drawn, probability))


def decided(weights: Weights, scored: pa.Table) -> Floats:
    """How much each pair tells, from 0 (it can't be recognised, and nothing speaks against it) to 1."""
    prior = float(np.log2(weights.prior / (1 - weights.prior)))
    expected = np.full(scored.num_rows, prior)
    for i, name in enumerate(weights.columns):
        m, u = np.array(weights.m[name]), np.array(weights.u[name])
        known = scored[f"level_{i}"].to_numpy() >= 0
        expected += np.where(known, float((m * np.log2(m / u)).sum()), 0.0)
    against = np.clip(scored["weight"].to_numpy() - prior, -60, 0)
    recognised = 1 / (1 + np.exp2(-np.clip(expected, -60, 60)))
    return np.asarray(np.maximum(recognised, 1 - np.exp2(against)), float)
