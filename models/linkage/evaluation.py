"""How well clusters agree with the truth: pairwise, by record, and cluster by cluster."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Evaluation:
    """Pairwise precision, recall and F1 (all true pairs in the denominator, also those never compared), B-cubed
    (Bagga and Baldwin 1998), and the share of true entities found exactly.
    """

    records: int
    entities: int
    clusters: int
    true_pairs: int
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    exact_clusters: float

    def as_dict(self) -> dict[str, float]:
        """By name, rounded to five places."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


def evaluate(found: pd.Series, truth: pd.Series) -> Evaluation:
    """Clusters `found` against `truth`, one value a record each; records without truth are left out."""
    known = truth.notna().to_numpy()
    f, _ = pd.factorize(found.to_numpy()[known])
    t, _ = pd.factorize(truth.to_numpy()[known])
    both = pd.factorize(f.astype(np.int64) * (int(t.max(initial=0)) + 1) + t)[0]
    nf, nt, nb = np.bincount(f), np.bincount(t), np.bincount(both)
    agreed, found_pairs, true_pairs = _pairs(nb), _pairs(nf), _pairs(nt)
    precision = agreed / found_pairs if found_pairs else 1.0
    recall = agreed / true_pairs if true_pairs else 1.0
    b_p, b_r = float((nb[both] / nf[f]).mean()), float((nb[both] / nt[t]).mean())
    exact = np.unique(t[(nb[both] == nf[f]) & (nb[both] == nt[t])]).size
    return Evaluation(
        records=len(f), entities=len(nt), clusters=len(nf), true_pairs=int(true_pairs),
        precision=precision, recall=recall, f1=_harmonic(precision, recall),
        bcubed_precision=b_p, bcubed_recall=b_r, bcubed_f1=_harmonic(b_p, b_r),
        exact_clusters=exact / max(len(nt), 1),
    )  # fmt: skip


def _pairs(sizes: np.ndarray) -> float:
    return float((sizes.astype(float) * (sizes - 1) / 2).sum())


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
