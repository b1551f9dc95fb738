"""A sample of pairs for people to judge, and the precision that their judgement tells of, with its interval.

Drawn by strata of the probability, the doubtful ones more often; each pair carries the number of pairs it stands for. The
interval is Wilson's (1927) at the effective size of Kish (1965), (Σw)²/Σw², which is smaller the more weights differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd

EDGES: Final = (0.0, 0.5, 0.8, 0.95, 0.99, 0.999, 1.0)
Z95: Final = 1.959964
APART: Final = 0.2
"""Share of the sample that is drawn from pairs that were not joined."""
YES: Final = frozenset({"yes", "y", "1", "true", "match", "是", "对"})
NO: Final = frozenset({"no", "n", "0", "false", "non-match", "否", "错"})
COLUMNS: Final = ("record_id_l", "record_id_r", "probability", "joined", "stratum", "stands_for", "is_match")


class VerdictError(ValueError):
    """A judged sample that can't be read, with the remedy."""


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval, from `judged` pairs; `open` were left blank."""

    judged: int
    open: int
    share: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to four places."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def drawn(pairs: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """`size` rows of `pairs` (record_id_l, record_id_r, probability, joined), as COLUMNS, in random order.

    Strata that hold fewer pairs than their part give all, and the others more.
    """
    rng = np.random.default_rng(seed)
    joined = pairs[pairs["joined"]].reset_index(drop=True)
    apart = pairs[~pairs["joined"]].reset_index(drop=True)
    few = min(round(size * APART), len(apart))
    both = [_of_strata(joined, size - few, rng), _of_strata(apart, few, rng)]
    whole = (
        pd.concat([part for part in both if len(part)], ignore_index=True) if any(map(len, both)) else joined
    )
    shuffled = whole.iloc[rng.permutation(len(whole))].reset_index(drop=True)
    return shuffled.assign(is_match="").reindex(columns=list(COLUMNS))


def _of_strata(pairs: pd.DataFrame, size: int, rng: np.random.Generator) -> pd.DataFrame:
    stratum = np.clip(np.searchsorted(EDGES, pairs["probability"], side="right") - 1, 0, len(EDGES) - 2)
    held = np.bincount(stratum, minlength=len(EDGES) - 1)
    parts = []
    for number, take in enumerate(shares(held, size)):
        if take:
            chosen = rng.choice(np.flatnonzero(stratum == number), take, replace=False)
            told = f"{EDGES[number]:g}–{EDGES[number + 1]:g}"
            parts.append(pairs.iloc[chosen].assign(stratum=told, stands_for=held[number] / take))
    return pd.concat(parts) if parts else pairs.iloc[:0]


def shares(held: Sequence[int] | np.ndarray, size: int) -> list[int]:
    """How many to draw of each stratum: equally many, as far as they hold so many."""
    take = [0] * len(held)
    for place, left in enumerate(order := sorted(range(len(held)), key=lambda i: held[i])):
        take[left] = min(int(held[left]), (size - sum(take)) // (len(order) - place))
    return take


def estimated(judged: pd.DataFrame, *, joined: bool) -> Estimate | None:
    """The share of true matches among the pairs that were (not) `joined`; None where none was judged.

    Raises VerdictError where a column is missing or an `is_match` is neither yes, no nor blank.
    """
    if missing := [c for c in ("joined", "stands_for", "is_match") if c not in judged.columns]:
        raise VerdictError(
            f"the judged sample has no column {missing[0]!r}; keep the columns as they were exported"
        )
    mine = judged[judged["joined"].astype(str).str.lower().isin({"true", "1"}) == joined]
    said = mine["is_match"].fillna("").astype(str).str.strip().str.lower()
    if len(other := sorted(set(said) - YES - NO - {""})):
        raise VerdictError(f"is_match holds {len(other)} unknown answers; write yes, no or leave it blank")
    known = said != ""
    weight = mine.loc[known, "stands_for"].astype(float).to_numpy()
    if not len(weight):
        return None
    share = float(np.average(said[known].isin(YES), weights=weight))
    low, high = wilson(share, float(weight.sum() ** 2 / (weight**2).sum()))
    return Estimate(int(known.sum()), int((~known).sum()), share, low, high)


def wilson(share: float, size: float, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share of `size` (Wilson 1927): it holds near 0 and 1, and for small samples."""
    centre = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return max(0.0, centre - half), min(1.0, centre + half)
