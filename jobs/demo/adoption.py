"""Adoption: the monthly chance that a person takes up each kind of product, by life stage and what they have."""

from __future__ import annotations

import numpy as np

from jobs.demo.arrays import NO_DATE, Bools, Floats, Ints
from jobs.demo.catalogue import CREDIT_CARD, FUND, INSURANCE, KINDS, LOAN, MORTGAGE, TERM, WEALTH
from jobs.demo.people import YEAR, People

YEARLY = np.array([0.05, 0.085, 0.05, 0.028, 0.06, 0.055, 0.05])
"""Yearly adoption of each kind by an average person who hasn't it."""
LADDER = {
    CREDIT_CARD: (),
    FUND: (CREDIT_CARD,),
    WEALTH: (FUND, TERM),
    LOAN: (CREDIT_CARD,),
    INSURANCE: (LOAN, MORTGAGE),
}
"""What usually comes before; owning any of it raises the chance, lacking all of it lowers it."""


def static_factor(people: People, day: int) -> Floats:
    """People x kinds: how life stage, income, wealth and digital habit raise or lower the adoption."""
    age, rich = people.age(day), np.log(people.income / 80_000)
    wealthy = np.log(people.wealth / 80_000).clip(-2, 3)
    married = people.marital == 1
    factor = np.ones((len(people), len(KINDS)))
    factor[:, TERM] = (1 + 1.2 * (age > 50)) * np.exp(0.35 * wealthy)
    factor[:, CREDIT_CARD] = np.select([age < 22, age < 45, age < 60], [0.4, 1.7, 0.9], 0.15) * np.exp(
        0.4 * rich
    )
    factor[:, LOAN] = np.select([age < 24, age < 50, age < 60], [0.4, 1.5, 0.6], 0.03) * np.exp(
        0.25 * people.credit_risk
    )
    factor[:, MORTGAGE] = np.select([age < 26, age < 43, age < 58], [0.3, 2.4, 0.5], 0.02) * (
        0.6 + 0.9 * married
    )
    factor[:, FUND] = np.exp(0.3 * rich + 0.35 * (people.risk_level - 2.5)) * (0.4 + 1.6 * people.digital)
    factor[:, WEALTH] = np.exp(0.6 * wealthy) * (0.7 + 0.5 * (age > 40))
    factor[:, INSURANCE] = (0.6 + 0.9 * married) * np.exp(0.25 * rich) * (age < 66)
    return np.asarray(factor.clip(0, 8))


def monthly_hazard(static: Floats, owned: Bools, leaving: Bools, activity: Floats) -> Floats:
    """People x kinds: the chance of adoption within the month, nil for what is owned already."""
    hazard = YEARLY / 12 * static * activity.clip(0.3, 2.5)[:, None] ** 0.5
    for kind, earlier in LADDER.items():
        if earlier:
            hazard[:, kind] *= np.where(owned[:, list(earlier)].any(axis=1), 2.2, 0.65)
    hazard *= np.where(leaving, 0.15, 1.0)[:, None]
    return np.asarray(np.where(owned, 0.0, hazard).clip(0, 0.4))


def initial(rng: np.random.Generator, people: People, static: Floats, start: int) -> Ints:
    """People x kinds: the days on which earlier customers took up what they have at `start`."""
    years = ((start - people.since) / YEAR).clip(0, 9)
    share = 1 - np.exp(-YEARLY * static * years[:, None] * 0.9)
    share[:, [LOAN, MORTGAGE]] *= [0.45, 0.8]
    taken = rng.random(share.shape) < share
    room = (start - people.since - 30).clip(1, 2600)
    day = start - 1 - (rng.random(share.shape) * room[:, None]).astype(np.int64)
    return np.where(taken & (start - people.since > 60)[:, None], day, NO_DATE)
