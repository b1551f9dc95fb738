"""Proxies: how well the features foretell a sensitive attribute that isn't among them, and which of them do.

A model without the attribute can still treat by it, where another column stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.core import metrics
from models.core.encoding import Matrix
from models.core.metrics import NAN, Floats

MOST_ROWS: Final = 20_000
SHOWN: Final = 5
FEWEST: Final = 100
ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well the features tell one group from the others: AUC of boosted trees on unseen folds (.5: not at all).

    `features`: those that tell most, with the AUC of each alone (never below .5), best first.
    """

    attribute: str
    group: str
    auc: float
    features: tuple[tuple[str, float], ...]


def proxies(
    x: Matrix,
    features: Sequence[str],
    categories: Mapping[str, Sequence[str]],
    sensitive: Mapping[str, npt.NDArray[Any]],
    *,
    seed: int = 7,
) -> list[Proxy]:
    """Each group with at least FEWEST rows in it and out of it, of each attribute; on at most MOST_ROWS rows."""
    some = np.sort(np.random.default_rng(seed).permutation(len(x))[:MOST_ROWS])
    places = [features.index(name) for name in categories if name in features]
    return [
        Proxy(
            attribute, name, _told(x[some], inside, places, seed), _singly(x[some], inside, features, places)
        )
        for attribute, values in sensitive.items()
        for name, inside in _groups(values[some])
        if min(inside.sum(), (1 - inside).sum()) >= FEWEST
    ]


def _groups(values: npt.NDArray[Any]) -> list[tuple[str, Floats]]:
    """Each group as ones and zeros; of two groups only one, since the other mirrors it."""
    told = np.array(["" if v is None or v != v else str(v) for v in values], dtype=object)  # noqa: PLR0124 - nan
    names = sorted(set(told) - {""})
    return [(name, (told == name).astype(float)) for name in (names[1:] if len(names) == 2 else names)]


def _told(x: Matrix, inside: Floats, places: list[int], seed: int) -> float:
    import lightgbm as lgb  # noqa: PLC0415 - seconds that no scoring run needs

    if not x.shape[1]:
        return NAN
    fold = np.random.default_rng(seed).integers(0, 3, len(x))
    said = np.empty(len(x))
    given = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "seed": seed}
    for number in range(3):
        out = fold == number
        data = lgb.Dataset(x[~out], inside[~out], categorical_feature=places)
        said[out] = np.asarray(lgb.train(given, data, num_boost_round=ROUNDS).predict(x[out], num_threads=1))
    return metrics.auc(inside, said)


def _singly(
    x: Matrix, inside: Floats, features: Sequence[str], places: list[int]
) -> tuple[tuple[str, float], ...]:
    """Numbers by their order, text by each value's own rate; missing ones as a value of their own."""
    alone = {name: _alone(x[:, j], inside, j in places) for j, name in enumerate(features)}
    best = sorted(alone, key=lambda name: -alone[name])[:SHOWN]
    return tuple((name, alone[name]) for name in best)


def _alone(column: Floats, inside: Floats, is_text: bool) -> float:
    if is_text:
        code = np.nan_to_num(column, nan=-1.0)
        _, place = np.unique(code, return_inverse=True)
        column = (np.bincount(place, weights=inside) / np.bincount(place))[place]
    known = np.nan_to_num(column, nan=np.nanmedian(column) if np.isfinite(column).any() else 0.0)
    found = metrics.auc(inside, known)
    return max(found, 1 - found)
