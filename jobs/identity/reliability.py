"""How often each source is right, told from how sources agree: nobody needs to know the truth.

What the sources of a customer state is put to the weighted vote of `jobs.identity.vote`, which gives each value a chance; the mean
chance of what a source states is its reliability, which weighs its votes in the next round, until nothing moves: expectation and
maximisation with one parameter a source (Dawid and Skene 1979; Dong, Berti-Équille and Srivastava 2009, VLDB 2 (1)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.identity.vote import WAYS_OF_BEING_WRONG, weight_of

LEAST: Final = 100
"""Statements that it takes to judge a source by an attribute."""
AT_FIRST, MOST = 0.8, 0.995
ROUNDS, SETTLED = 50, 1e-4
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Reliability:
    """One source's statements of one attribute.

    `statements`: those about whose customer another source says something too; `agreeing`: the share of them that some other
    source states alike; `checked`: those that two other sources or more check; `right`: the estimated share of these that is
    right, None where they are too few: of two sources that only check each other nothing tells which one errs.
    """

    attribute: str
    source: str
    statements: int
    agreeing: float
    checked: int
    right: float | None


def reliabilities(stated: pd.DataFrame, half_lives: Mapping[str, int | None]) -> Iterator[Reliability]:
    """Each attribute's sources; `stated`: customer_id, attribute, source, form, day (a number; null: unknown, and taken as the
    newest), a row a statement. What the ids and forms are doesn't matter, only which are equal.
    """
    for attribute, rows in stated.groupby("attribute", sort=True):
        yield from _of_attribute(str(attribute), rows, half_lives.get(str(attribute)))


def _of_attribute(attribute: str, rows: pd.DataFrame, half_life: int | None) -> Iterator[Reliability]:
    votes = _Votes.of(rows, half_life)
    right = votes.settled()
    for number, source in enumerate(votes.names):
        mine = votes.source == number
        said, count = mine & (votes.others > 0), int((mine & votes.checked).sum())
        if said.sum() >= LEAST:
            told = float(right[number]) if count >= LEAST else None
            yield Reliability(
                attribute, source, int(said.sum()), float(votes.agreed[said].mean()), count, told
            )


@dataclass(frozen=True)
class _Votes:
    """One attribute's statements, one per customer, source and form: arrays of the same length."""

    names: tuple[str, ...]
    customer: Ints
    source: Ints
    form: Ints
    owner: Ints
    """By form: its customer."""
    fresh: Floats
    """What age has left of each statement's weight."""
    others: Ints
    """How many other sources say something of the customer."""
    agreed: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: pd.DataFrame, half_life: int | None) -> _Votes:
        """The newest statement of each source and form."""
        newest = rows.groupby(["customer_id", "form", "source"], sort=True)["day"].max().reset_index()
        customer = newest["customer_id"].factorize()[0].astype(np.int64)
        form = newest.groupby(["customer_id", "form"], sort=False).ngroup().to_numpy(np.int64)
        source, names = newest["source"].factorize(sort=True)
        age = newest.groupby("customer_id")["day"].transform("max") - newest["day"]
        old = age.fillna(0.0).to_numpy(float)
        fresh = np.ones(len(newest)) if half_life is None else np.exp2(-old / half_life)
        owner = np.zeros(form.max() + 1, np.int64)
        owner[form] = customer
        sources = newest.groupby("customer_id")["source"].transform("nunique").to_numpy()
        alike = newest.groupby(["customer_id", "form"])["source"].transform("nunique").to_numpy()
        return cls(tuple(map(str, names)), customer, source.astype(np.int64), form, owner, fresh, sources - 1, alike > 1)  # fmt: skip

    def settled(self) -> Floats:
        """Each source's reliability once a round moves none by more than `SETTLED`."""
        right = np.full(len(self.names), AT_FIRST)
        for _ in range(ROUNDS):
            before, right = right, self._next(right)
            if np.abs(right - before).max() < SETTLED:
                break
        return right

    @property
    def checked(self) -> NDArray[np.bool_]:
        """Statements from which reliability is learnt."""
        return np.asarray(self.others > 1)

    def _next(self, right: Floats) -> Floats:
        """The mean support of each source's checked statements; a source without any keeps what it had."""
        support = self._supported(np.array([weight_of(r) for r in right])[self.source] * self.fresh)
        held = self.checked
        total = np.bincount(self.source[held], support[held], len(right))
        count = np.bincount(self.source[held], minlength=len(right))
        return np.where(count > 0, total / np.maximum(count, 1), right).clip(1 - MOST, MOST)

    def _supported(self, weight: Floats) -> Floats:
        """The chance of each statement by all votes on its customer: what is stated, and what nobody states, without a vote."""
        total = np.bincount(self.form, weight)
        highest = np.zeros(self.owner.max() + 1)
        np.maximum.at(highest, self.owner, total)
        odds = np.exp(total - highest[self.owner])
        unstated = np.maximum(WAYS_OF_BEING_WRONG + 1 - np.bincount(self.owner), 0) * np.exp(-highest)
        whole = np.bincount(self.owner, odds) + unstated
        return np.asarray((odds / whole[self.owner])[self.form])
