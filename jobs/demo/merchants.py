"""At what kind of merchant each card payment was: everybody has tastes, and some of them go with means and age."""

from __future__ import annotations

from typing import Final

import numpy as np

from jobs.demo.arrays import Floats, Ints, Texts
from jobs.demo.people import People

MERCHANTS: Final = {
    "5411": 0.34, "5812": 0.22, "5541": 0.10, "5651": 0.09, "5912": 0.06, "4722": 0.04, "5200": 0.05, "5732": 0.04,
    "7832": 0.04, "8299": 0.02,
}  # fmt: skip
"""Merchant category code (ISO 18245) and its share of all card payments."""
CODES: Final = np.array(["", *MERCHANTS])
DINING, TRAVEL = (list(MERCHANTS).index(code) for code in ("5812", "4722"))


def merchant_codes(rng: np.random.Generator, people: People, payer: Ints, day: int) -> Texts:
    """The merchant category code of each payment of `payer` (a person's number; below 0 for no card payment: '')."""
    paid = np.flatnonzero(payer >= 0)
    limits = np.cumsum(_tastes(rng, people, day), axis=1)
    luck = rng.random(len(paid))
    chosen = np.zeros(len(paid), np.int64)
    for kind in range(len(MERCHANTS) - 1):  # the last takes what is left
        chosen += luck > limits[payer[paid], kind]
    code = np.zeros(len(payer), np.int64)
    code[paid] = chosen + 1
    return np.asarray(CODES[code])


def _tastes(rng: np.random.Generator, people: People, day: int) -> Floats:
    """People x kinds: the share of each kind in a person's card payments."""
    usual = np.fromiter(MERCHANTS.values(), float)
    liked = usual * rng.lognormal(0, 0.7, (len(people), len(MERCHANTS)))
    liked[:, TRAVEL] *= (people.income / 90_000).clip(0.3, 4) ** 0.7
    liked[:, DINING] *= np.where(people.age(day) < 35, 1.5, 1.0)
    return np.asarray(liked / liked.sum(axis=1, keepdims=True))
