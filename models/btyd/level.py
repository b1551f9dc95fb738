"""What all customers together will spend: cohorts as they age, the season, and what they spend at present.

Two forecasts of the total have faults of opposite kinds. Cohorts' ageing, carried on, takes a good last season for
youth and a bad one for decay; the present rate, carried on, forgets that customers leave. The forecast is their
geometric mean; where older cohorts have shown the ages that lie ahead, ageing isn't guessed and counts for more, up to
all. Both are per week and customer known, so that neither first purchases nor growing numbers of new
customers are taken for habit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.btyd.log import WEEK

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
YEAR: Final = 365.25
AGES: Final = (2.0, 13.0, 52.0)
"""Weeks at which the curves of ageing, log(1 + age/τ), bend: sums of them follow any usual retention."""
SPREAD: Final = {"age": 0.6, "trend": 0.1, "season": 0.35, "cohort": 0.5}
"""Standard deviations, on the logarithm, that are expected of the effects before the log is seen (trend: a year)."""
SEASON_FROM: Final = 50.0
"""Weeks of log from which the season is looked for; one year tells it from ageing by half, two years fully."""
COHORTS: Final = 40
RECENT: Final = 13.0
SHOWN: Final = 0.25
"""An age is known where the past holds so many customer-weeks at it or beyond, by those that the future will hold."""
GROWTH: Final = 1.25
"""How far, at most, ageing carried on may lie above the present rate: a young log's growth is its youth."""


@dataclass(frozen=True)
class Cells:
    """One entry a cohort (of joining) and period: days after joining only, the first purchase left out."""

    cohort: Ints
    age: Floats
    """Weeks since joining, in the middle."""
    year: Floats
    """Years after the last day known, in the period's middle; negative in the past."""
    weeks: Floats
    """Customers × weeks."""
    spent: Floats
    """Net of returns; empty for the future."""


@dataclass(frozen=True)
class Level:
    """Totals over the horizon: cohorts' ageing carried on, the present rate carried on.

    `known`: the share of the horizon's customer-weeks at ages that older cohorts have shown.
    """

    ageing: float
    flat: float
    known: float = 0.0

    @property
    def total(self) -> float:
        """The geometric mean of both; ageing's weight rises from a half to all with what is known of it."""
        weight = (1 + self.known) / 2
        return float(self.ageing**weight * self.flat ** (1 - weight))

    @property
    def least(self) -> float:
        """The lower of both."""
        return min(self.ageing, self.flat)

    @property
    def most(self) -> float:
        """The higher of both."""
        return max(self.ageing, self.flat)


def level(log: pd.DataFrame, first: pd.Series, until: int, weeks: float) -> Level | None:
    """The spending of all customers of `first` (day of the first purchase, by customer) in the `weeks` after `until`.

    `log`: customer, day, amount up to `until`. None where nobody spent anything after the first purchase.
    """
    past, width = observed(log, first, until)
    if past.spent.sum() <= 0 or past.weeks.sum() <= 0:
        return None
    future = ahead(first, until, weeks, width)
    span = (until - int(log["day"].min()) + 1) / WEEK
    found = _foretold(past, future, season=False)
    if span < SEASON_FROM:
        return found
    seasonal = _foretold(past, future, season=True)
    share = float(np.clip(span / 104, 0.5, 1.0))
    return Level(
        seasonal.ageing**share * found.ageing ** (1 - share),
        seasonal.flat**share * found.flat ** (1 - share),
        found.known,
    )


def observed(log: pd.DataFrame, first: pd.Series, until: int) -> tuple[Cells, int]:
    """The past's cells, and the days of a period: four weeks, fewer for a short log."""
    span = until - int(log["day"].min()) + 1
    width = 28 if span >= 210 else max(7, span // 56 * 7)
    periods = max(span // width, 1)
    start = until - periods * width
    cohorts = _cohorts(first, until, width)
    count = int(cohorts.max()) + 1
    rows = log[log["day"] > start]
    at = first.index.get_indexer(pd.Index(rows["customer"]))
    later = (at >= 0) & (rows["day"].to_numpy() > first.to_numpy()[at])
    rows, at = rows[later], at[later]
    cell = cohorts[at] * periods + (rows["day"].to_numpy() - start - 1) // width
    spent = np.bincount(cell, rows["amount"].to_numpy(), count * periods)
    days, alike = np.unique(first.to_numpy(), return_index=True)
    many = np.bincount(np.searchsorted(days, first.to_numpy())).astype(float)
    begins = np.maximum(start + width * np.arange(periods)[None, :], days[:, None])
    ends = np.broadcast_to(start + width * (np.arange(periods)[None, :] + 1), begins.shape)
    exposed = np.maximum(ends - begins, 0) / WEEK * many[:, None]
    aged = np.where(ends > begins, (begins + ends) / 2 - days[:, None], 0) / WEEK * exposed
    into = (cohorts[alike][:, None] * periods + np.arange(periods)[None, :]).ravel()
    weeks: Floats = np.bincount(into, exposed.ravel(), count * periods).astype(np.float64)
    age = (np.bincount(into, aged.ravel(), count * periods) / np.maximum(weeks, 1e-9)).astype(np.float64)
    kept = np.nonzero(weeks > 0)[0]
    year = ((kept % periods + 0.5 - periods) * width / YEAR).astype(np.float64)
    net: Floats = np.maximum(spent[kept], 0.0)
    return Cells(kept // periods, age[kept], year, weeks[kept], net), width


def ahead(first: pd.Series, until: int, weeks: float, width: int) -> Cells:
    """The future's cells; the last period may be shorter."""
    cohorts = _cohorts(first, until, width)
    many = np.bincount(cohorts).astype(float)
    joined = np.bincount(cohorts, first.to_numpy(float)) / np.maximum(many, 1)
    begins = np.arange(0, weeks * WEEK, width)
    days = np.minimum(begins + width, weeks * WEEK) - begins
    middle: Floats = np.tile(begins + days / 2, len(many))
    cohort = np.repeat(np.arange(len(many)), len(begins))
    age: Floats = ((until + middle - joined[cohort]) / WEEK).astype(np.float64)
    exposed: Floats = (many[cohort] * np.tile(days, len(many)) / WEEK).astype(np.float64)
    return Cells(cohort, age, middle / YEAR, exposed, np.empty(0))


def _cohorts(first: pd.Series, until: int, width: int) -> Ints:
    begin = int(first.min())
    days = -(-(until - begin + 1) // (COHORTS * width)) * width
    # Counted back from the last day, as the periods are.
    back = (until - first.to_numpy(np.int64)) // days
    made: Ints = (until - begin) // days - back
    return made


def _foretold(past: Cells, future: Cells, *, season: bool) -> Level:
    seasons = 13 if season else 0
    cohorts = int(past.cohort.max()) + 1
    cohorts = max(cohorts, int(future.cohort.max()) + 1)
    x, rigid = _design(past, cohorts, seasons)
    effects = _fitted(x, past, rigid)
    # Only a decline is carried on beyond the ages that were seen: growth with age ends somewhere.
    oldest = replace(future, age=np.minimum(future.age, past.age.max()))
    young, old = (_design(cells, cohorts, seasons)[0] @ effects for cells in (oldest, future))
    ageing = float((np.exp(np.clip(np.minimum(young, old), -30, 30)) * future.weeks).sum())
    lately = past.year > -RECENT * WEEK / YEAR
    columns = slice(5, 5 + seasons)
    then = np.exp(x[lately][:, columns] @ effects[columns])
    soon = np.exp(_design(future, cohorts, seasons)[0][:, columns] @ effects[columns])
    rate = (past.spent[lately] / then).sum() / past.weeks[lately].sum()
    flat = max(float(rate * (soon * future.weeks).sum()), 1e-9)
    return Level(min(ageing, GROWTH * flat), flat, _known(past, future))


def _known(past: Cells, future: Cells) -> float:
    """The share of the future's customer-weeks at known ages; one that is known by half counts half."""
    held, coming = (np.array([c.weeks[c.age >= a].sum() for a in future.age]) for c in (past, future))
    return float(np.average(np.minimum(held / (SHOWN * coming), 1.0), weights=future.weeks))


def _design(cells: Cells, cohorts: int, seasons: int) -> tuple[Floats, Floats]:
    """Columns: one, three of age, trend, season, cohort; and how firmly each effect is held to 0."""
    ages = [np.log1p(cells.age / bend) for bend in AGES]
    # A trend fades in about a year, as trends do.
    trend = np.where(cells.year > 0, 1 - np.exp(-np.maximum(cells.year, 0)), cells.year)
    fixed = np.column_stack([np.ones(len(cells.age)), *ages, trend])
    whole = np.concatenate([fixed, _seasons(cells.year, seasons), np.eye(cohorts)[cells.cohort]], axis=1)
    kinds = ["age"] * 3 + ["trend"] + ["season"] * seasons + ["cohort"] * cohorts
    return whole, np.array([1e-6] + [1 / SPREAD[kind] ** 2 for kind in kinds])


def _seasons(year: Floats, seasons: int) -> Floats:
    """Where in the year, as weights of the two nearest of `seasons` points."""
    made = np.zeros((len(year), seasons))
    if seasons:
        place = year % 1 * seasons - 0.5
        lower = np.floor(place).astype(int)
        np.add.at(made, (np.arange(len(year)), lower % seasons), 1 - (place - lower))
        np.add.at(made, (np.arange(len(year)), (lower + 1) % seasons), place - lower)
    return made


def _fitted(x: Floats, past: Cells, rigid: Floats) -> Floats:
    """Quasi-Poisson regression with normal priors, by Newton's steps; the dispersion from the residuals."""
    y, offset = past.spent, np.log(past.weeks)
    effects = np.zeros(x.shape[1])
    effects[0] = np.log(y.sum() / past.weeks.sum())
    dispersion = max(float(y.max()) / 10, 1e-9)
    for _ in range(3):
        for _ in range(30):
            mu = np.exp(np.clip(x @ effects + offset, -30, 30))
            slope = x.T @ (y - mu) / dispersion - rigid * effects
            bend = (x.T * (mu / dispersion)) @ x + np.diag(rigid)
            step = np.clip(np.linalg.solve(bend, slope), -2, 2)
            effects = effects + step
            if np.abs(step).max() < 1e-6:
                break
        mu = np.exp(np.clip(x @ effects + offset, -30, 30))
        off = (y - mu) ** 2 / np.maximum(mu, mu.mean() * 0.01)
        dispersion = max(float(off.sum() / max(len(y) - 10, 1)), 1e-9)
    return effects
