"""How classes come and go by month, and whether that is more than chance."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, fisher_exact, norm

BEFORE: Final = 3
"""Months before, with which a month is compared."""
ALARM: Final = 0.05
TESTED: Final = 10
"""Complaints of a class over all months from which its trend is tested: below, z isn't normal."""


def by_month(dates: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """One row a month and class that ever occurs: complaints, share of the month's, before_share (of the BEFORE months), ratio,
    p (Fisher's exact test, two-sided), q (Benjamini–Hochberg over all rows), change (`rise`, `fall` or empty: q < 0.05).

    A month without complaints is a row of nought; the first month has no before.
    """
    return of_counts(pd.crosstab(dates.dt.to_period("M"), labels))


def of_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """`by_month` of complaints that are counted already: months (periods) × classes."""
    counts = counts.sort_index()
    counts = counts.reindex(pd.period_range(counts.index.min(), counts.index.max(), freq="M"), fill_value=0)
    rows: list[tuple[object, ...]] = []
    for k, at in enumerate(counts.index):
        now, then = counts.iloc[k], counts.iloc[max(k - BEFORE, 0) : k].sum()
        rows.extend(
            _row(str(at), str(name), int(now[name]), int(now.sum()), int(then[name]), int(then.sum()))
            for name in counts.columns
        )
    table = pd.DataFrame(
        rows, columns=["month", "label", "complaints", "share", "before_share", "ratio", "p"]
    )
    table["q"] = _corrected(table["p"])
    up = table["share"] > table["before_share"]
    table["change"] = np.where(table["q"] < ALARM, np.where(up, "rise", "fall"), "")
    return table


def over_all(dates: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """One row a class: complaints, share, z and p of the Cochran–Armitage test for a trend of its share over months, q, change."""
    month = dates.dt.to_period("M")
    counts = pd.crosstab(month, labels).sort_index()
    at = np.array([period.ordinal for period in counts.index], float)
    total = counts.sum(axis=1).to_numpy(float)
    rows = [
        (str(name), int(counts[name].sum()), *_slope(counts[name].to_numpy(float), total, at))
        for name in counts.columns
    ]
    table = pd.DataFrame(rows, columns=["label", "complaints", "share", "z", "p"])
    table["q"] = _corrected(table["p"])
    table["change"] = np.where(table["q"] < ALARM, np.where(table["z"] > 0, "rise", "fall"), "")
    return table.sort_values("complaints", ascending=False, ignore_index=True)


def _row(month: str, label: str, hit: int, all_now: int, hit_then: int, all_then: int) -> tuple[object, ...]:
    share = hit / all_now if all_now else np.nan
    before = hit_then / all_then if all_then else np.nan
    p = np.nan
    if all_now and all_then:
        p = float(fisher_exact([[hit, all_now - hit], [hit_then, all_then - hit_then]]).pvalue)
    ratio = share / before if before else np.nan
    return month, label, hit, share, before, ratio, p


def _slope(hits: np.ndarray, total: np.ndarray, at: np.ndarray) -> tuple[float, float, float]:
    """Share, and z and p of Cochran (1954) and Armitage (1955)."""
    share = hits.sum() / total.sum()
    middle = (at * total).sum() / total.sum()
    spread = share * (1 - share) * (total * (at - middle) ** 2).sum()
    if spread <= 0 or hits.sum() < TESTED:
        return float(share), float("nan"), float("nan")
    z = float(((hits - total * share) * (at - middle)).sum() / np.sqrt(spread))
    return float(share), z, float(2 * norm.sf(abs(z)))


def _corrected(p: pd.Series) -> pd.Series:
    known = p.notna()
    q = pd.Series(np.nan, index=p.index)
    if known.any():
        q[known] = false_discovery_control(p[known].to_numpy(float))
    return q
