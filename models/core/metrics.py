"""How good a model is: discrimination, ranking, calibration, value and drift. Plain arrays in, one number out.

All functions take one value per case. A figure that isn't defined (one class only, no case) is nan, never a guess.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NAN: Final = float("nan")
PSI_FLOOR: Final = 1e-4


def auc(y: Floats, score: Floats) -> float:
    """Area under the ROC curve (Mann–Whitney), ties counted half. nan where only one class occurs."""
    positives = int((y > 0).sum())
    negatives = len(y) - positives
    if not positives or not negatives:
        return NAN
    ranks = _mean_ranks(score)
    return float((ranks[y > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(y: Floats, score: Floats) -> float:
    """Mean of the precision at each positive; equal scores share the precision of their last one (as in sklearn)."""
    if not (y > 0).any():
        return NAN
    order = np.argsort(-score, kind="stable")
    hits, found = (y[order] > 0).astype(float), np.cumsum(y[order] > 0)
    last = np.r_[np.diff(score[order]) != 0, True]
    precision = found[last] / (np.flatnonzero(last) + 1)
    gained = np.diff(np.r_[0, found[last]])
    return float((precision * gained).sum() / hits.sum())


def lift_at(y: Floats, score: Floats, share: float = 0.1) -> float:
    """Rate of positives in the best-scored `share` over the rate in all. nan where nobody is positive."""
    if not len(y) or not (y > 0).any():
        return NAN
    top = np.argsort(-score, kind="stable")[: max(1, round(len(y) * share))]
    return float((y[top] > 0).mean() / (y > 0).mean())


def brier(y: Floats, probability: Floats) -> float:
    """Mean squared difference between probability and outcome."""
    return float(np.mean((probability - (y > 0)) ** 2)) if len(y) else NAN


def calibration_error(y: Floats, probability: Floats, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size: mean of |mean probability − rate|, weighted by cases."""
    if not len(y):
        return NAN
    parts = np.array_split(np.argsort(probability, kind="stable"), min(bins, len(y)))
    gaps = [len(p) * abs(probability[p].mean() - (y[p] > 0).mean()) for p in parts]
    return float(sum(gaps) / len(y))


def calibration_noise(probability: Floats, draws: int = 100, seed: int = 7) -> float:
    """The calibration error that a perfect model of these probabilities stays under 95 times in 100, by chance alone."""
    if not len(probability):
        return NAN
    rng = np.random.default_rng(seed)
    seen = [
        calibration_error((rng.random(len(probability)) < probability).astype(float), probability)
        for _ in range(draws)
    ]
    return float(np.quantile(seen, 0.95))


def mae(y: Floats, predicted: Floats) -> float:
    """Mean absolute error, in the label's unit."""
    return float(np.abs(predicted - y).mean()) if len(y) else NAN


def rmse(y: Floats, predicted: Floats) -> float:
    """Root mean squared error, in the label's unit."""
    return float(np.sqrt(((predicted - y) ** 2).mean())) if len(y) else NAN


def spearman(y: Floats, predicted: Floats) -> float:
    """Rank correlation with mean ranks for ties. nan where either side is constant."""
    if len(y) < 2 or np.ptp(y) == 0 or np.ptp(predicted) == 0:
        return NAN
    return float(np.corrcoef(_mean_ranks(y), _mean_ranks(predicted))[0, 1])


def total_bias(y: Floats, predicted: Floats) -> float:
    """Predicted total over real total, less one: −0.1 promises a tenth too little. nan for a real total of zero."""
    return float(predicted.sum() / y.sum() - 1) if len(y) and y.sum() else NAN


def top_share(y: Floats, score: Floats, share: float = 0.1) -> float:
    """The part of the real total that the best-scored `share` of cases brings."""
    if not len(y) or not y.sum():
        return NAN
    top = np.argsort(-score, kind="stable")[: max(1, round(len(y) * share))]
    return float(y[top].sum() / y.sum())


def map_at_k(case: npt.NDArray[np.int64], y: Floats, score: Floats, k: int = 3) -> float:
    """Mean average precision of each case's best k candidates, over cases that took at least one.

    One row per case and candidate; a case's precision is divided by min(k, taken), as in recommender contests.
    """
    took = np.unique(case[y > 0])
    if not len(took):
        return NAN
    # The others don't count: most of a ranking's rows needn't be sorted.
    own = took[np.minimum(np.searchsorted(took, case), len(took) - 1)] == case
    case, y, score = case[own], y[own], score[own]
    order = np.lexsort((-score, case))
    case, y = case[order], (y[order] > 0).astype(float)
    first = np.r_[True, np.diff(case) != 0]
    start = np.flatnonzero(first)[np.cumsum(first) - 1]
    rank = np.arange(len(case)) - start + 1
    before = np.r_[0.0, np.cumsum(y)]
    hits = before[1:] - before[start]
    number = np.cumsum(first) - 1
    gained = np.bincount(number, weights=np.where(rank <= k, y * hits / rank, 0.0))
    taken = np.bincount(number, weights=y)
    return float((gained / np.minimum(taken, k)).mean())


def psi(expected: Floats, actual: Floats, bins: int = 10, weight: Floats | None = None) -> float:
    """Population stability index between two samples over the quantile bins of the first; `weight` of the first's rows.

    Σ (a − e) · ln(a / e), shares floored at 1e-4; below .1 stable, above .25 shifted (Siddiqi, Credit Risk
    Scorecards, 2006).
    """
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    e, a = _shares(expected, edges, weight), _shares(actual, edges)
    return float(((a - e) * np.log(a / e)).sum())


def _shares(values: Floats, edges: Floats, weight: Floats | None = None) -> Floats:
    bins = np.searchsorted(edges, values, side="right")
    counts = np.bincount(bins, weights=weight, minlength=len(edges) + 1)
    shares: Floats = np.maximum(counts / max(1, counts.sum()), PSI_FLOOR)
    return shares


def _mean_ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2)[inverse]
    return ranks
