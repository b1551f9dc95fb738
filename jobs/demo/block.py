"""A block of the bank: some ten thousand customers with all that they do, independent of every other block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from jobs.demo import catalogue
from jobs.demo.accounts import Accounts, make_accounts
from jobs.demo.arrays import Bools, Ints, Streams, Texts, keys
from jobs.demo.companies import PEOPLE_PER_COMPANY, Companies, make_companies
from jobs.demo.flows import Flows, invested_amounts, make_flows
from jobs.demo.life import Life, live
from jobs.demo.loans import Loans, make_loans
from jobs.demo.movements import Movements, make_movements
from jobs.demo.people import People, make_people
from jobs.demo.span import Span
from jobs.demo.written import Written

PEOPLE_PER_BLOCK = 10_000
KEYS_PER_BLOCK = 40_000
"""Room for the keys of one block in one key range."""


@dataclass
class Identity:
    """Which entity each record of a source table is: truth, never delivered."""

    system: str
    table: str
    key: Texts
    entity: Texts


@dataclass
class Block:
    """Everything about one block; systems read it and add whom their records stand for."""

    number: int
    span: Span
    streams: Streams
    people: People
    companies: Companies
    life: Life
    loans: Loans
    accounts: Accounts
    flows: Flows
    movements: Movements
    invested: Ints
    network: catalogue.Network
    plan: list[catalogue.Campaign]
    branch: Ints
    manager: Ints
    identities: list[Identity] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)

    def keys(self, prefix: str, size: int, salt: int) -> Texts:
        """`size` keys of one key range, distinct over all blocks."""
        return keys(prefix, np.arange(size) + self.number * KEYS_PER_BLOCK, salt)

    def serials(self, size: int) -> Ints:
        """Running numbers of facts, distinct over all blocks."""
        return np.arange(size) + (self.number + 1) * 10**9

    def know_people(self, system: str, table: str, key: Texts, person: Ints) -> None:
        """Note which person each record is."""
        self.identities.append(Identity(system, table, key, self.people.ids[person]))

    def know_companies(self, system: str, table: str, key: Texts, company: Ints) -> None:
        """Note which company each record is."""
        self.identities.append(Identity(system, table, key, self.companies.ids[company]))


def repeated(rng: np.random.Generator, rate: float, who: Ints) -> Bools:
    """Which people are entered a second time."""
    return np.asarray(rng.random(len(who)) < rate)


def make_block(number: int, size: int, seed: int, span: Span, network: catalogue.Network) -> Block:
    """Simulate block `number` with `size` customers."""
    streams = Streams(seed, number)
    plan = catalogue.campaigns(span)
    people = make_people(streams, span, number * PEOPLE_PER_BLOCK, size)
    companies = make_companies(streams, span, people, number * (PEOPLE_PER_BLOCK // PEOPLE_PER_COMPANY))
    life = live(streams, span, people, plan)
    loans = make_loans(streams, span, people, companies, life)
    accounts = make_accounts(streams, span, people, companies, life)
    invested = invested_amounts(streams("invested"), people)
    flows = make_flows(streams, span, people, life, loans, invested)
    moves = make_movements(streams, span, people, companies, life, loans, accounts, flows, invested)
    rng = streams("branches")
    branch = rng.integers(0, len(network.branch), size)
    manager = np.where(people.wealth > 250_000, branch * 6 + rng.integers(2, 6, size), -1)
    return Block(number, span, streams, people, companies, life, loans, accounts, flows, moves, invested, network,
                 plan, branch, manager)  # fmt: skip
