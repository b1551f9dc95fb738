"""What marks a class: phrases that its complaints use and others don't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from models.text import words

SHOWN: Final = 12
FEWEST: Final = 5
"""Complaints that must use a phrase before it is shown: it says nothing of one person."""
PRIOR: Final = 0.5
SURE: Final = 1.96


def driving(texts: Sequence[str], labels: Sequence[str], shown: int = SHOWN) -> pd.DataFrame:
    """By class the phrases that drive it, at most `shown`: label, phrase, z, complaints (of the class with the phrase), elsewhere.

    z: log-odds ratio against all other classes over its standard error, with the phrase's overall rate as Dirichlet
    prior (Monroe, Colaresi and Quinn 2008: Fightin' Words, Political Analysis 16(4)); above 1.96 only. A phrase that
    only ever occurs inside a longer one is left out.
    """
    counts, sizes = _counts(texts, labels)
    overall: Counter[str] = sum(counts.values(), Counter())
    # Sorted: phrases come as sets, whose order is another one in each process.
    usual = sorted(phrase for phrase, many in overall.items() if many >= FEWEST)
    total = np.array([overall[phrase] for phrase in usual], float)
    rows: list[tuple[object, ...]] = []
    for label in sorted(counts):
        own = np.array([counts[label][phrase] for phrase in usual], float)
        z = _z(own, total, sizes[label], sum(sizes.values()))
        marked = [
            (usual[k], float(z[k]), int(own[k]), int(total[k] - own[k]))
            for k in np.argsort(-z, kind="stable")
            if z[k] > SURE and own[k] >= FEWEST
        ]
        rows.extend((label, *row) for row in _longest(marked, shown))
    return pd.DataFrame(rows, columns=["label", "phrase", "z", "complaints", "elsewhere"])


def _counts(texts: Sequence[str], labels: Sequence[str]) -> tuple[dict[str, Counter[str]], dict[str, int]]:
    """Complaints with each phrase, and all, by class; copies of one text count once."""
    counts: dict[str, Counter[str]] = {}
    sizes: dict[str, int] = {}
    for text, label in {
        (words.key(text), label): (text, label) for text, label in zip(texts, labels, strict=True)
    }.values():
        counts.setdefault(label, Counter()).update(words.phrases(text))
        sizes[label] = sizes.get(label, 0) + 1
    return counts, sizes


def _z(own: np.ndarray, total: np.ndarray, size: int, everybody: int) -> np.ndarray:
    prior = PRIOR * total / everybody * 10
    inside, outside = own + prior, total - own + prior
    with np.errstate(divide="ignore", invalid="ignore"):  # what every complaint says marks none: not a number
        odds = np.log(inside / (size + 10 * PRIOR - inside)) - np.log(
            outside / (everybody - size + 10 * PRIOR - outside)
        )
    found: np.ndarray = odds / np.sqrt(1 / inside + 1 / outside)
    return found


def _longest(marked: list[tuple[str, float, int, int]], shown: int) -> list[tuple[str, float, int, int]]:
    kept: list[tuple[str, float, int, int]] = []
    for row in sorted(marked, key=lambda row: (-row[1], -len(row[0]))):
        # The same complaints say both: the longer phrase says more.
        within = [k for k, other in enumerate(kept) if _nested(row[0], other[0])]
        longer = [k for k in within if len(row[0]) > len(kept[k][0]) and row[2] >= 0.8 * kept[k][2]]
        if longer:
            kept[longer[0]] = row
            kept = [other for k, other in enumerate(kept) if k not in longer[1:]]
        elif not within:
            kept.append(row)
        if len(kept) >= 4 * shown:
            break
    return kept[:shown]


def _nested(one: str, other: str) -> bool:
    return one in other or other in one
