"""What each customer will spend in the weeks after a day, from nothing but the log up to that day.

Three forecasts have faults of opposite kinds: the run-rate forgets that customers leave, BG/NBD sees them leave too
soon, boosted trees learn from a time when the customers were younger. So the classical and the boosted model share the
amounts, the boosted one orders the customers, and the total lies midway between run-rate and BG/NBD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.btyd import bgnbd, boosted, gamma_gamma
from models.btyd.bgnbd import BgNbd, History, UnfittedError
from models.btyd.gamma_gamma import GammaGamma
from models.btyd.log import WEEK, UnusableLogError, history, spent, summary

Floats = npt.NDArray[np.float64]
RUN: Final = 13
"""Weeks whose spending the run-rate carries on."""
SHARE: Final = 0.34
"""Of the log's length, at most, that is held back to learn from."""
STEPS: Final = (0, 4, 8)
"""Weeks before the last possible day at which histories are taken to learn from."""
FEWEST: Final = 300
DRAWS: Final = 400
COVERED: Final = 0.9
SEED: Final = 20260101


@dataclass(frozen=True)
class Models:
    """Fitted at a day: BG/NBD, its modification that counts who bought once as possibly gone, and Gamma-Gamma."""

    plain: BgNbd
    modified: BgNbd
    purchase: GammaGamma

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Models:
        """Fitted to a summary. Raises UnusableLogError where it doesn't determine them."""
        h = history(rows)
        try:
            plain, modified = bgnbd.fit(h), bgnbd.fit(h, modified=True)
        except UnfittedError as error:
            raise UnusableLogError(
                f"the log up to that day has {error}; calibrate until a later day"
            ) from None
        return cls(plain, modified, gamma_gamma.fit(rows["x"].to_numpy(float), rows["mean"].to_numpy(float)))


@dataclass(frozen=True)
class Forecast:
    """`table`: customer, expected_value, low, high, p_active, by customer; `how`: what it was made of."""

    table: pd.DataFrame
    how: dict[str, Any]


def forecast(log: pd.DataFrame, until: int, weeks: int, seed: int = SEED) -> Forecast:
    """For every customer who bought by the day `until` (inclusive), the spending in the `weeks` after it.

    expected_value and its interval [low, high] (90 % of what the model draws) in the log's currency; p_active:
    the probability of not having left (MBG/NBD). Deterministic. Raises UnusableLogError.
    """
    log = log[log["day"] <= until]
    rows = summary(log, until)
    if len(rows) < 10:
        raise UnusableLogError("fewer than ten customers bought up to that day; calibrate until a later day")
    models = Models.of(rows)
    now = enriched(rows, models, weeks)
    value, learnt = _amounts(log, now, models, until, weeks, seed)
    total = level(now, models, weeks)
    value = value * (total / max(value.sum(), 1e-9))
    low, high = interval(now, models, weeks, value, seed)
    table = pd.DataFrame({"expected_value": value, "low": low, "high": high, "p_active": now["p_active"]})
    how = {
        "customers": int(log["customer"].nunique()),
        "total": float(total),
        "learnt_from": learnt,
        "bg_nbd": replace(models.plain),
    }
    known = pd.Index(np.sort(log["customer"].unique()), name="customer")
    # Who has only ever brought things back is known, and isn't expected to buy.
    return Forecast(table.reindex(known).fillna(0.0).reset_index(), how)


def enriched(rows: pd.DataFrame, models: Models, weeks: float) -> pd.DataFrame:
    """A summary with what the classical models say: purchase (its worth), p_active, foretold (spending)."""
    h = history(rows)
    purchase = models.purchase.expected(rows["n"].to_numpy(float), rows["mean"].to_numpy(float))
    return rows.assign(
        gap=rows["T"] - rows["t_x"],
        purchase=purchase,
        p_active=models.modified.p_active(h),
        foretold=models.modified.expected(h, weeks) * purchase,
    )


def level(now: pd.DataFrame, models: Models, weeks: int) -> float:
    """The total of all customers: midway between carrying on the last weeks and BG/NBD."""
    seen = min(RUN, max(float(now["T"].max()), 1.0))
    running = float(now["spent_13"].sum()) * weeks / seen
    leaving = float((models.plain.expected(history(now), weeks) * now["purchase"].to_numpy()).sum())
    return (running + leaving) / 2


def _amounts(
    log: pd.DataFrame, now: pd.DataFrame, models: Models, until: int, weeks: int, seed: int
) -> tuple[Floats, int]:
    """Spending by customer, up to a common factor, and the number of histories learnt from (0: none)."""
    window = _window(log, until, weeks)
    past = [_past(log, until - int((window + back) * WEEK), window) for back in STEPS] if window else []
    held = [p for p in past if p is not None]
    classical = now["foretold"].to_numpy(float)
    if not held:
        return classical, 0
    rows, target = pd.concat([r for r, _ in held]), np.concatenate([y for _, y in held])
    h = history(now)
    near = models.modified.expected(h, window)
    here = now.assign(foretold=near * now["purchase"])
    stretched = boosted.amounts(rows, target, here, seed) * (
        models.modified.expected(h, weeks) / np.maximum(near, 1e-12)
    )
    ranked = boosted.order(rows, target, here, [seed, seed + 1, seed + 2])
    value = np.empty(len(now))
    value[np.lexsort((classical, ranked))] = np.sort((classical + stretched) / 2)
    return value, len(rows)


def _window(log: pd.DataFrame, until: int, weeks: int) -> int:
    """Weeks held back to learn from: as many as are foretold, but no more than the log can spare; 0: none."""
    span = (until - int(log["day"].min()) + 1) / WEEK
    window = int(min(weeks, span * SHARE))
    return window if window >= 2 else 0


def _past(log: pd.DataFrame, at: int, window: int) -> tuple[pd.DataFrame, Floats] | None:
    """Histories as of the day `at`, and what was spent in the `window` weeks after it; None where too few."""
    rows = summary(log, at)
    if len(rows) < FEWEST or (rows["x"] > 0).sum() < FEWEST / 10:
        return None
    try:
        told = enriched(rows, Models.of(rows), window)
    except UnusableLogError:
        return None
    return told, spent(log, rows.index, at, at + int(window * WEEK))


def interval(
    now: pd.DataFrame, models: Models, weeks: int, value: Floats, seed: int
) -> tuple[Floats, Floats]:
    """The middle 90 % of DRAWS drawn futures, moved to `value` as their mean."""
    low, high = np.empty(len(now)), np.empty(len(now))
    for start in range(0, len(now), 20_000):
        part = slice(start, start + 20_000)
        some = now.iloc[part]
        h: History = history(some)
        bought = models.modified.drawn(h, weeks, DRAWS, seed + start)
        n, mean = some["n"].to_numpy(float), some["mean"].to_numpy(float)
        money = models.purchase.drawn(n, mean, bought, seed + start + 1)
        scale = value[part] / np.maximum(money.mean(axis=1), 1e-9)
        ends = np.quantile(money, [(1 - COVERED) / 2, (1 + COVERED) / 2], axis=1) * scale
        low[part], high[part] = np.minimum(ends[0], value[part]), np.maximum(ends[1], value[part])
    return low, high
