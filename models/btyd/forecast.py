"""What each customer will spend in the weeks after a day, from nothing but the log up to that day.

Each question has a forecast of its own: the total (`level`), the amounts of single customers (BG/NBD × Gamma-Gamma and
boosted trees, on equal terms), their order (`learnt`), the interval (`interval`). The amounts, sorted, are dealt out in
that order and brought to the total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.btyd import bgnbd, gamma_gamma, interval, learnt, order
from models.btyd.bgnbd import BgNbd, UnfittedError
from models.btyd.gamma_gamma import GammaGamma
from models.btyd.history import history, spent, summary
from models.btyd.level import Level, level
from models.btyd.log import WEEK, UnusableLogError

Floats = npt.NDArray[np.float64]
SHARE: Final = 0.34
"""Of the log's length, at most, that is held back to learn from."""
STEPS: Final = (0, 4, 8)
"""Weeks before the last possible day at which histories are taken to learn from."""
FEWEST: Final = 100
LEARNERS: Final = 30_000
"""Customers, drawn at random, from whom is learnt: more change nothing but the time."""
FITTED: Final = 8_000
"""Customers, drawn at random, to whom the classical models are fitted."""
SEED: Final = 20260101


@dataclass(frozen=True)
class Models:
    """Fitted at a day: BG/NBD, its modification that counts who bought once as possibly gone, and Gamma-Gamma."""

    plain: BgNbd
    modified: BgNbd
    purchase: GammaGamma

    @classmethod
    def of(cls, rows: pd.DataFrame, seed: int = SEED) -> Models:
        """Fitted to a summary. Raises UnusableLogError where it doesn't determine them."""
        some = rows if len(rows) <= FITTED else rows.sample(FITTED, random_state=seed)
        h = history(some)
        try:
            plain, modified = bgnbd.fit(h), bgnbd.fit(h, modified=True)
        except UnfittedError as error:
            raise UnusableLogError(
                f"the log up to that day has {error}; calibrate until a later day"
            ) from None
        n, mean = some["n"].to_numpy(float), some["mean"].to_numpy(float)
        if not (mean > 0).any():
            raise UnusableLogError("no amount is above 0; give the column of what was paid")
        return cls(plain, modified, gamma_gamma.fit(n, mean))


@dataclass(frozen=True)
class Forecast:
    """`table`: customer, expected_value, low, high, p_active, by customer; `how`: what it was made of."""

    table: pd.DataFrame
    how: dict[str, Any]


def forecast(log: pd.DataFrame, until: int, weeks: int, seed: int = SEED) -> Forecast:
    """For every customer who stands in the log by the day `until` (inclusive), the spending in the `weeks` after it.

    `log`: customer, day (since 1970), amount. expected_value and its interval [low, high] (90 %) in the log's currency,
    net of returns; p_active: the probability of not having left (MBG/NBD). Deterministic. Raises UnusableLogError.
    """
    log = log[log["day"].to_numpy() <= until]
    codes, known = pd.factorize(log["customer"], sort=True)
    log = pd.DataFrame({"customer": codes, "day": log["day"].to_numpy(), "amount": log["amount"].to_numpy()})
    rows = summary(log, until)
    if len(rows) < 10:
        raise UnusableLogError("fewer than ten customers bought up to that day; calibrate until a later day")
    models = Models.of(rows, seed)
    now = enriched(rows, models, weeks)
    whole = _level(log, now, until, weeks)
    value, ends, lessons = _valued(log, now, models, until, weeks, whole, seed)
    table = pd.DataFrame(
        {"expected_value": value, "low": ends[0], "high": ends[1], "p_active": now["p_active"].to_numpy()},
        index=now.index,
    )
    how = {
        "customers": len(known),
        "total": whole.total,
        "total_ageing": whole.ageing,
        "total_flat": whole.flat,
        "learnt_from": lessons,
        "bg_nbd": replace(models.plain),
    }
    # Who has only ever brought things back is known, and isn't expected to buy.
    table = table.reindex(range(len(known))).fillna(0.0)
    table.insert(0, "customer", np.asarray(known))
    return Forecast(table.reset_index(drop=True), how)


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


def _level(log: pd.DataFrame, now: pd.DataFrame, until: int, weeks: int) -> Level:
    first = pd.Series((until - now["T"] * WEEK).round().astype(np.int64), index=now.index)
    classical = float(now["foretold"].sum())
    return level(log, first, until, weeks) or Level(classical, classical)


def _valued(
    log: pd.DataFrame, now: pd.DataFrame, models: Models, until: int, weeks: int, whole: Level, seed: int
) -> tuple[Floats, tuple[Floats, Floats], int]:
    """Spending by customer with its interval, and the number of histories learnt from (0: none)."""
    window = _window(log, until, weeks)
    days = _days(log, until, window, seed) if window else []
    classical, h = now["foretold"].to_numpy(float), history(now)
    if not days:
        value = _to(classical, whole.total)
        return value, _drawn(now, models, weeks, value, seed), 0
    near = models.modified.expected(h, window)
    stretch = models.modified.expected(h, weeks) / np.maximum(near, 1e-12)
    here = now.assign(foretold=near * now["purchase"])
    (amount, place), (amounts, places) = learnt.told(days, here, seed)
    spending = np.concatenate([target for _, target in days])
    doubtful = order.doubtful(places, spending)
    value = _to(order.ordered(_mean(classical, amount * stretch), place, doubtful), whole.total)
    errors = interval.Errors.of(_before(days, amounts, places, doubtful), spending)
    if not errors:
        return value, _drawn(now, models, weeks, value, seed), len(spending)
    low, high = errors.around(value)
    # The two totals are as far apart as the total is unsure.
    return value, (low * whole.least / whole.total, high * whole.most / whole.total), len(spending)


def _before(days: list[learnt.Day], amounts: Floats, places: Floats, doubtful: float) -> Floats:
    """The forecasts of earlier days, made as today's is, each brought to its day's true total."""
    ends = np.cumsum([len(rows) for rows, _ in days])[:-1]
    each = zip(days, np.split(amounts, ends), np.split(places, ends), strict=True)
    made = [
        _to(order.ordered(_mean(rows["foretold"].to_numpy(float), amount), place, doubtful), target.sum())
        for (rows, target), amount, place in each
    ]
    return np.concatenate(made)


def _drawn(now: pd.DataFrame, models: Models, weeks: int, value: Floats, seed: int) -> tuple[Floats, Floats]:
    n, mean = now["n"].to_numpy(float), now["mean"].to_numpy(float)
    pair = (models.modified, models.purchase)
    return interval.drawn(history(now), n, mean, weeks, value, pair, seed)


def _mean(classical: Floats, boosted: Floats) -> Floats:
    return (classical + _to(boosted, float(classical.sum()))) / 2


def _to(value: Floats, total: float) -> Floats:
    return value * (total / max(float(value.sum()), 1e-9))


def _window(log: pd.DataFrame, until: int, weeks: int) -> int:
    """Weeks held back to learn from: as many as are foretold, but no more than the log can spare; 0: none."""
    span = (until - int(log["day"].min()) + 1) / WEEK
    window = int(min(weeks, span * SHARE))
    return window if window >= 2 else 0


def _days(log: pd.DataFrame, until: int, window: int, seed: int) -> list[learnt.Day]:
    who = log["customer"].unique()
    if len(who) > LEARNERS:
        some = np.random.default_rng(seed).choice(np.sort(who), LEARNERS, replace=False)
        log = log[np.isin(log["customer"].to_numpy(), some)]
    made = (_day(log, until - int((window + back) * WEEK), window, seed) for back in STEPS)
    return [day for day in made if day is not None]


def _day(log: pd.DataFrame, at: int, window: int, seed: int) -> learnt.Day | None:
    """Histories as of the day `at`, and what was spent in the `window` weeks after it; None where too few."""
    rows = summary(log, at)
    target = spent(log, rows.index, at, at + int(window * WEEK))
    if len(rows) < FEWEST or (rows["x"] > 0).sum() < FEWEST / 10 or target.sum() <= 0:
        return None
    try:
        return enriched(rows, Models.of(rows, seed), window), target
    except UnusableLogError:
        return None
