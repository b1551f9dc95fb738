"""The re-ranker: a boosted model that learns, without labels, from the clusters found so far.

Pairs inside a cluster count as matches, candidate pairs across clusters as non-matches; each pair is judged by a model
that has seen nothing of its own connected part. That generalises what most of the file shows – which kinds of
disagreement one entity's records have – to the pairs that Fellegi and Sunter's independence gets wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
FOLDS: Final = 3
MOST: Final = 400_000
ROUNDS: Final = 150
PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True)
class Reranked:
    """Each pair's probability, the model that judged it (−1: none, for want of pairs to learn from), and the models."""

    probability: npt.NDArray[np.float64]
    judge: npt.NDArray[np.int8]
    models: dict[int, lgb.Booster]


def reranked(
    features: Floats,
    one: npt.NDArray[np.bool_],
    sure: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64],
    part: npt.NDArray[np.int64],
    seed: int,
) -> Reranked:
    """The probability of each pair (rows of `features`) to be one entity, learnt from the other parts' pairs.

    `one`: whether the pair lies in one cluster; `sure`: whether it may teach, and with which
    `weight`; `part`: the number of its connected part.
    """
    fold = _fold(part, seed)
    result = Reranked(one.astype(float), np.full(len(one), -1, np.int8), {})
    for held in range(FOLDS):
        train, test = (fold != held) & sure, fold == held
        if one[train].sum() < 20 or (~one[train]).sum() < 20:
            continue
        model = fit(features[train], one[train], weight[train], seed)
        result.probability[test] = model.predict(features[test])
        result.judge[test] = held
        result.models[held] = model
    return result


def fit(
    features: Floats, label: npt.NDArray[np.bool_], weight: npt.NDArray[np.float64], seed: int
) -> lgb.Booster:
    """A model of all matches and as many non-matches as MOST leaves room for, weighted back."""
    chosen = np.arange(len(label))
    if len(label) > MOST:
        draw = np.random.default_rng(seed).random(len(label))
        share = np.where(label, min(1, MOST / 2 / label.sum()), min(1, MOST / 2 / (~label).sum()))
        chosen = np.flatnonzero(draw < share)
        weight = weight / share
    data = lgb.Dataset(features[chosen], label[chosen].astype(float), weight=weight[chosen])
    return lgb.train(PARAMETERS | {"seed": seed}, data, num_boost_round=ROUNDS)


def _fold(part: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    number = np.random.default_rng(seed).permutation(int(part.max(initial=0)) + 1)
    return number[part] % FOLDS
