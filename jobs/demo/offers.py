"""Campaign experiments: who was eligible, in which arm, what an offer would change for each, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jobs.demo.arrays import Bools, Floats, Ints, draw
from jobs.demo.catalogue import Campaign
from jobs.demo.people import People

TREATED, HOLD_OUT, NOT_CONTACTED = range(3)
ARM_SHARES = (0.62, 0.23, 0.15)
REACH = 0.3
"""Share of the eligible customers who enter a campaign's experiment."""


@dataclass
class Offers:
    """One entry per person and campaign; probabilities are of taking the product within 30 days of assignment."""

    campaign: list[Ints] = field(default_factory=list)
    person: list[Ints] = field(default_factory=list)
    arm: list[Ints] = field(default_factory=list)
    assigned: list[Ints] = field(default_factory=list)
    base: list[Floats] = field(default_factory=list)
    effect: list[Floats] = field(default_factory=list)
    adopted: list[Ints] = field(default_factory=list)

    def column(self, name: str) -> np.ndarray:
        """One attribute over all campaigns."""
        parts = getattr(self, name)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def treatment_effect(people: People, offer: Campaign, complained: Bools, leaving: Bools, day: int) -> Floats:
    """By how much the offer changes each person's chance: helpful to some, off-putting to others."""
    age = people.age(day)
    effect = 0.015 + 0.11 * (people.digital - 0.35) * (offer.channel != "call")
    effect = (
        effect
        + 0.05 * ((age > 50) & (offer.channel == "call"))
        - 0.03 * ((age > 62) & (offer.channel != "call"))
    )
    effect = effect - 0.06 * complained - 0.03 * leaving + 0.02 * np.log(people.activity)
    return np.asarray(effect.clip(-0.12, 0.2))


def run(
    rng: np.random.Generator, people: People, number: int, offer: Campaign, eligible: Bools, hazard: Floats,
    complained: Bools, leaving: Bools, book: Offers,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Assign arms at random and draw adoptions; gives the people in the experiment and their adoption days or -1."""
    chosen = np.flatnonzero(eligible & (rng.random(len(people)) < REACH))
    arm = draw(rng, 3, len(chosen), ARM_SHARES)
    base = (1.5 * hazard[chosen] + 0.015).clip(0, 0.5)
    effect = treatment_effect(people, offer, complained, leaving, offer.starts)[chosen]
    effect = np.maximum(effect, -base)
    adopts = rng.random(len(chosen)) < base + np.where(arm == TREATED, effect, 0)
    assigned = np.full(len(chosen), offer.starts)
    day = np.where(adopts, assigned + 1 + rng.integers(0, 26, len(chosen)), -1)
    entries = {"campaign": np.full(len(chosen), number), "person": chosen, "arm": arm, "assigned": assigned,
               "base": base, "effect": effect, "adopted": day}  # fmt: skip
    for name, values in entries.items():
        getattr(book, name).append(values)
    return chosen, day
