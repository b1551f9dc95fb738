"""Deposit accounts of people and companies: who owns them, since when, until when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import NO_DATE, Bools, Ints, Streams, Texts
from jobs.demo.catalogue import TERM
from jobs.demo.companies import Companies
from jobs.demo.life import Life
from jobs.demo.people import People
from jobs.demo.span import Span

DORMANT_AFTER = 180
"""Days without use after which the bank marks an account dormant."""
CURRENT, SAVINGS, FIXED, COMPANY = range(4)


@dataclass
class Accounts:
    """One entry per deposit account: people's current accounts first (position = person), then the others."""

    person: Ints
    company: Ints
    kind: Ints
    product: Texts
    opened: Ints
    closed: Ints
    dormant_on: Ints
    joint: Ints

    def __len__(self) -> int:
        return len(self.person)


def make_accounts(streams: Streams, span: Span, people: People, companies: Companies, life: Life) -> Accounts:
    """A current account for everyone, savings for a third, fixed deposits for those who took one, company accounts."""
    rng = streams("accounts")
    size = len(people)
    everyone = np.arange(size)
    saving_since = people.since + rng.integers(0, 900, size)
    saver = np.flatnonzero((rng.random(size) < 0.35) & (saving_since < np.minimum(life.gone, span.end)))
    fixed = np.flatnonzero(life.owned[:, TERM] < NO_DATE)
    firms = np.arange(len(companies))
    person = np.concatenate([everyone, saver, fixed, np.full(len(firms), -1)])
    company = np.concatenate([np.full(len(person) - len(firms), -1), firms])
    kind = np.repeat([CURRENT, SAVINGS, FIXED, COMPANY], [size, len(saver), len(fixed), len(firms)])
    opened = np.concatenate([people.since, saving_since[saver], life.owned[fixed, TERM], companies.since])
    gone = np.where(person >= 0, life.gone[person], NO_DATE)
    dormant = (person >= 0) & life.dormant[person]
    product = np.array(["DP001", "DP002", "TD012", "DP003"])[kind]
    product = np.where((kind == FIXED) & (rng.random(len(kind)) < 0.4), "TD036", product)
    married = (person >= 0) & (people.spouse[person] >= 0) & (kind == SAVINGS)
    joint = np.where(married & (rng.random(len(kind)) < 0.2), people.spouse[person], -1)
    return Accounts(
        person, company, kind, product, opened,
        closed=np.maximum(np.where(dormant, NO_DATE, gone), opened + 1),
        dormant_on=np.where(dormant & (gone < NO_DATE), gone + DORMANT_AFTER, NO_DATE), joint=joint,
    )  # fmt: skip


def live_window(accounts: Accounts, life: Life, span: Span) -> tuple[Ints, Ints]:
    """Accounts x months: the first and last day of each month on which the account moves; first > last where none."""
    gone = np.where(accounts.person >= 0, life.gone[accounts.person], NO_DATE)
    first = np.maximum(span.month_starts[None, : span.months], accounts.opened[:, None])
    last = np.minimum(span.month_ends[None, : span.months], (gone - 1)[:, None])
    return first, last


def open_at(accounts: Accounts, day: int) -> Bools:
    """Which accounts are open at the close of a day."""
    return np.asarray((accounts.opened <= day) & (accounts.closed > day))
