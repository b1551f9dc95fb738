"""Churn: monthly hazards as functions of what the extracts show, and the true probability over a horizon.

A customer is engaged or leaving. Leaving customers use the bank less month by month, move their money and often
their salary, and most of them close their accounts or let them go dormant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import Bools, Floats, Ints

ENTRY = 0.0085
"""Monthly chance that an average engaged customer begins to leave."""
SUDDEN = 0.0012
"""Monthly chance of going without any sign."""
RECOVERY = 0.05
DEPARTURE = 0.19
"""Monthly chance that a leaving customer goes."""
DECAY = 0.62
"""What is left of a leaving customer's activity after each month."""
COMPLAINT_MEMORY = 6
"""Months for which a complaint counts."""
DORMANT_SHARE = 0.25
HORIZON = 6


@dataclass
class Visible:
    """What the hazard depends on at a month's end: each of it can be read from the extracts."""

    complaints: Ints | Floats
    salary_lost: Bools
    tenure_years: Floats
    products: Ints
    loans: Bools
    dissatisfaction: Floats
    activity: Floats
    age: Floats


def entry_hazard(seen: Visible) -> Floats:
    """Monthly chance that an engaged customer begins to leave."""
    score = 0.9 * np.minimum(seen.complaints, 2) + 0.9 * seen.salary_lost + 0.3 * seen.dissatisfaction
    score = score + 0.75 * np.exp(-seen.tenure_years) - 0.3 * np.minimum(seen.products, 4) - 0.6 * seen.loans
    score = score - 0.45 * np.log(seen.activity.clip(0.1, 5)) + 0.35 * (seen.age < 28)
    return np.asarray((ENTRY * np.exp(score)).clip(0, 0.5))


def departure_hazard(seen: Visible) -> Floats:
    """Monthly chance that a leaving customer goes; a running loan holds people back."""
    return np.asarray(
        DEPARTURE * np.exp(-0.12 * np.minimum(seen.products, 4)) * np.where(seen.loans, 0.55, 1.0)
    )


def survival(leaving: Bools, now: Floats, usual: Floats, departure: Floats, months: int) -> Floats:
    """Matrix people x months: the probability of being gone within 1 … `months` months.

    The entry hazard returns from `now` to `usual` as complaints fade. Where the person stands now is known.
    """
    gone_leaving = np.zeros((len(now), months + 1))
    gone_engaged = np.zeros((len(now), months + 1))
    for left in range(1, months + 1):
        # the step that is `months - left` months ahead, seen from its own start
        weight = 0.8 ** (months - left)
        entry = now * weight + usual * (1 - weight)
        before_l, before_e = gone_leaving[:, left - 1], gone_engaged[:, left - 1]
        gone_leaving[:, left] = departure + RECOVERY * before_e + (1 - departure - RECOVERY) * before_l
        gone_engaged[:, left] = SUDDEN + entry * before_l + (1 - SUDDEN - entry) * before_e
    chosen = np.where(leaving[:, None], gone_leaving, gone_engaged)
    return np.asarray(chosen[:, 1:])
