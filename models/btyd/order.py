"""Who comes before whom: amounts drawn towards the expected place, and a crowd that can't be told apart.

Expected amounts are right on average and rank badly: a large buyer who'll hardly come back has the same expectation
as a small one who surely will. Expected places rank well and say nothing of amounts. So an amount is moved towards
the one that belongs to its place, but never by more than FURTHEST; and among customers who more likely won't
come back than will, and who are worth less than the average, places nearer than NEAR aren't told apart: they share
their mean amount. A rank correlation punishes an order among those whose futures are alike, as it should.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FURTHEST: Final = 1.25
NEAR: Final = 0.05


def doubtful(place: Floats, spent: Floats) -> float:
    """Up to which expected place customers of earlier days more likely spent nothing than something afterwards."""
    order = np.argsort(place, kind="stable")
    steps = np.array_split(order, max(min(40, len(order) // 50), 1))
    unlikely = [float(place[g].max()) for g in steps if (spent[g] > 0).mean() < 0.5]
    return max(unlikely, default=-np.inf)


def ordered(amount: Floats, place: Floats, doubtful_to: float) -> Floats:
    """Amounts moved towards their place, the crowd's shared; their sum isn't kept."""
    belongs = np.empty(len(amount))
    belongs[np.argsort(place, kind="stable")] = np.sort(amount)
    moved = amount * np.clip(np.sqrt(belongs / np.maximum(amount, 1e-9)), 1 / FURTHEST, FURTHEST)
    crowd = (place < doubtful_to) & (amount < amount.mean())
    return _shared(moved, amount, place, crowd)


def _shared(moved: Floats, amount: Floats, place: Floats, crowd: npt.NDArray[np.bool_]) -> Floats:
    if not crowd.any():
        return moved
    steps = np.floor((place[crowd] - place.min()) / NEAR)
    _, at = np.unique(steps, return_inverse=True)
    # A higher step never gets less than a lower one.
    mean = np.maximum.accumulate(np.bincount(at, amount[crowd]) / np.bincount(at))
    found = moved.copy()
    found[crowd] = mean[at]
    return found
