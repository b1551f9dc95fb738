"""Transactions on deposit accounts: monthly flows broken into single bookings, with running balances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.accounts import COMPANY, FIXED, SAVINGS, Accounts, live_window
from jobs.demo.arrays import NO_DATE, Ints, Streams
from jobs.demo.catalogue import FUND, INSURANCE, TERM, WEALTH
from jobs.demo.companies import Companies
from jobs.demo.flows import Flows
from jobs.demo.life import Life
from jobs.demo.loans import Loans
from jobs.demo.people import People
from jobs.demo.span import Span

MOVES = (
    "salary", "pension", "transfer_in", "transfer_out", "cash_in", "cash_out", "card", "fee", "interest", "loan",
    "insurance", "household", "invest",
)  # fmt: skip
MOVE = {name: number for number, name in enumerate(MOVES)}
CHANNELS = ("counter", "atm", "app", "web", "pos", "batch")
COUNTER, ATM, APP, WEB, POS, BATCH = range(6)
SPENDING = ("card", "transfer_out", "cash_out", "household", "insurance")
MOST_BOOKINGS = 60


@dataclass
class Movements:
    """One entry per booking, sorted by account and day; `amount` is signed cents, `balance` the cents after it."""

    account: Ints
    day: Ints
    move: Ints
    channel: Ints
    amount: Ints
    balance: Ints
    month_end: Ints


class _Ledger:
    """Collects bookings of many kinds before they are sorted."""

    def __init__(self) -> None:
        self.parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []

    def add(
        self, account: Ints, day: Ints, move: Ints | str, amount: Ints, channel: Ints | int = BATCH
    ) -> None:
        """Book `amount` cents (signed) on each account and day."""
        size = len(account)
        kind = np.full(size, MOVE[move]) if isinstance(move, str) else move
        self.parts.append((account, day, kind, np.broadcast_to(np.asarray(channel), size), amount))

    def column(self, position: int) -> Ints:
        return np.concatenate([part[position] for part in self.parts]).astype(np.int64)


def _days(rng: np.random.Generator, first: Ints, last: Ints) -> Ints:
    return np.asarray(first + (rng.random(len(first)) * (last - first + 1).clip(1)).astype(np.int64))


def _on_day(first: Ints, last: Ints, month_start: Ints, day: Ints | int) -> Ints:
    """A fixed day of the month, moved into the window in which the account is open."""
    return np.asarray(np.minimum(np.maximum(month_start + day - 1, first), np.maximum(first, last)))


def _income(
    book: _Ledger, rng: np.random.Generator, flows: Flows, payday: Ints, window: tuple[Ints, Ints], span: Span
) -> None:
    first, last = window
    for name, matrix in (("salary", flows.salary), ("pension", flows.pension)):
        who, month = np.nonzero(matrix)
        when: Ints | int = payday[who] if name == "salary" else 15
        day = _on_day(first[who, month], last[who, month], span.month_starts[month], when)
        book.add(who, day, name, matrix[who, month])
    who, month = np.nonzero(flows.received)
    book.add(
        who, _days(rng, first[who, month], last[who, month]), "transfer_in", flows.received[who, month], APP
    )
    who, month = np.nonzero(flows.interest)
    day = _on_day(first[who, month], last[who, month], span.month_starts[month], 21)
    book.add(who, day, "interest", flows.interest[who, month])
    who, month = np.nonzero(flows.deposit)
    book.add(who, first[who, month], "cash_in", flows.deposit[who, month], COUNTER)


def _spending(
    book: _Ledger,
    rng: np.random.Generator,
    people: People,
    life: Life,
    flows: Flows,
    window: tuple[Ints, Ints],
) -> None:
    """Break each month's spending into bookings of uneven size whose sum is exact."""
    who, month = np.nonzero(flows.spent)
    activity = life.activity[who, month]
    bookings = rng.poisson(3.8 * activity).clip(1, MOST_BOOKINGS)
    cell = np.repeat(np.arange(len(who)), bookings)
    weight = np.exp(rng.standard_normal(len(cell), dtype=np.float32)).astype(np.float64)
    share = weight / np.bincount(cell, weight)[cell]
    amount = (share * flows.spent[who, month][cell]).astype(np.int64)
    first_of_cell = np.cumsum(bookings) - bookings
    amount[first_of_cell] += flows.spent[who, month] - np.bincount(cell, amount, len(who)).astype(np.int64)
    person = who[cell]
    luck = rng.random(len(cell))
    day = _days(rng, window[0][person, month[cell]], window[1][person, month[cell]])
    # Who will be insured one day pays nothing before: a premium must not foretell the contract.
    insured = life.owned[person, INSURANCE] <= day
    digital = people.digital[person]
    edges = np.array([0.52, 0.70, 0.70 + 0.12, 0.96])
    place = np.searchsorted(edges, luck)
    place = np.where((place == 4) & ~insured, 0, place)
    move = np.array([MOVE[name] for name in SPENDING])[place]
    online = np.where(digital > 0.35, APP, np.where(digital > 0.2, WEB, COUNTER))
    channel = np.select([place == 0, place == 2, place == 3], [POS, ATM, BATCH], online)
    kept = amount > 0
    book.add(person[kept], day[kept], move[kept], -amount[kept], channel[kept])


def _leaving(
    book: _Ledger, rng: np.random.Generator, life: Life, flows: Flows, window: tuple[Ints, Ints]
) -> None:
    who, month = np.nonzero(flows.moved_out)
    book.add(
        who,
        _days(rng, window[0][who, month], window[1][who, month]),
        "transfer_out",
        -flows.moved_out[who, month],
        APP,
    )
    who, month = np.nonzero(flows.farewell)
    book.add(who, life.gone[who], "transfer_out", -flows.farewell[who, month], COUNTER)


def _loans(book: _Ledger, loans: Loans, flows: Flows, span: Span) -> None:
    """Disbursements pass through the account; instalments are booked when they are paid."""
    loan, due_month = np.nonzero(loans.due & (loans.paid_on < NO_DATE) & (loans.person >= 0)[:, None])
    day, person = loans.paid_on[loan, due_month], loans.person[loan]
    month = span.month_of(day)
    booked = (month >= 0) & (month < span.months)
    booked[booked] = flows.repaid[person[booked], month[booked]] > 0
    book.add(person[booked], day[booked], "loan", -loans.instalment[loan][booked])
    fresh = np.flatnonzero((loans.person >= 0) & span.inside(loans.granted))
    book.add(loans.person[fresh], loans.granted[fresh], "transfer_in", loans.amount[fresh])
    book.add(loans.person[fresh], loans.granted[fresh], "transfer_out", -loans.amount[fresh], COUNTER)


def _invest(book: _Ledger, life: Life, invested: Ints, span: Span) -> None:
    """Money for an investment comes from elsewhere on the day on which it is put in."""
    for kind in (TERM, FUND, WEALTH):
        who = np.flatnonzero(span.inside(life.owned[:, kind]))
        book.add(who, life.owned[who, kind], "transfer_in", invested[who, kind], APP)
        book.add(who, life.owned[who, kind], "invest", -invested[who, kind], APP)


def _other_accounts(book: _Ledger, rng: np.random.Generator, accounts: Accounts, people: People, companies: Companies,
                    life: Life, invested: Ints, span: Span) -> Ints:  # fmt: skip
    """Savings and fixed deposits: one deposit, interest, the end. Companies: receipts, wages and costs."""
    opening = np.zeros(len(accounts), np.int64)
    rest = np.flatnonzero(np.isin(accounts.kind, (SAVINGS, FIXED)))
    person = accounts.person[rest]
    saved = (
        np.round(people.wealth[person] * 0.15 * rng.lognormal(0, 0.6, len(rest)).clip(0.1, 5), -1).astype(
            np.int64
        )
        * 100
    )
    amount = np.where(accounts.kind[rest] == FIXED, invested[person, TERM], saved).clip(10_000)
    fresh = accounts.opened[rest] >= span.month_starts[0]
    opening[rest] = np.where(fresh, 0, amount)
    book.add(rest[fresh], accounts.opened[rest][fresh], "transfer_in", amount[fresh], COUNTER)
    ends = life.gone[person] < NO_DATE
    book.add(rest[ends], life.gone[person][ends], "transfer_out", -amount[ends], COUNTER)
    firms = np.flatnonzero(accounts.kind == COMPANY)
    turnover = companies.turnover[accounts.company[firms]] / 12 * 100
    opening[firms] = (turnover * 2).astype(np.int64)
    for month in range(span.months):
        received = (turnover * rng.uniform(0.7, 1.3, len(firms))).astype(np.int64)
        start, end = (
            np.full(len(firms), span.month_starts[month]),
            np.full(len(firms), span.month_ends[month]),
        )
        pay = _on_day(start, end, start, companies.payday[accounts.company[firms]])
        book.add(firms, _days(rng, start, start + 9), "transfer_in", received, WEB)
        book.add(firms, pay, "salary", -(received * 0.4).astype(np.int64))
        book.add(firms, _days(rng, start + 10, end), "transfer_out", -(received * 0.55).astype(np.int64), WEB)
    return opening


def _sorted(book: _Ledger, accounts: Accounts, opening: Ints, span: Span) -> Movements:
    account, day, move, channel, amount = (book.column(i) for i in range(5))
    order = np.argsort((account * 2**18 + day + 2**16) * 2 + (amount < 0), kind="stable")
    account, day, move, channel, amount = (c[order] for c in (account, day, move, channel, amount))
    running = np.cumsum(amount)
    starts = np.flatnonzero(np.r_[True, account[1:] != account[:-1]])
    offset = np.repeat(running[starts] - amount[starts], np.diff(np.r_[starts, len(account)]))
    month = span.month_of(day).clip(0, span.months - 1)
    net = np.bincount(account * span.months + month, amount, len(accounts) * span.months)
    month_end = opening[:, None] + np.cumsum(
        np.round(net).astype(np.int64).reshape(len(accounts), span.months), axis=1
    )
    return Movements(account, day, move, channel, amount, running - offset + opening[account], month_end)


def make_movements(
    streams: Streams, span: Span, people: People, companies: Companies, life: Life, loans: Loans,
    accounts: Accounts, flows: Flows, invested: Ints,
) -> Movements:  # fmt: skip
    """Every booking of the months that the span touches; those outside the span are left out on delivery."""
    rng, book = streams("movements"), _Ledger()
    window = live_window(accounts, life, span)
    payday = np.where(people.employer >= 0, companies.payday[people.employer], 15)
    _income(book, rng, flows, payday, window, span)
    _spending(book, rng, people, life, flows, window)
    _leaving(book, rng, life, flows, window)
    _loans(book, loans, flows, span)
    _invest(book, life, invested, span)
    opening = np.zeros(len(accounts), np.int64)
    opening[: len(people)] = flows.opening
    opening += _other_accounts(book, rng, accounts, people, companies, life, invested, span)
    return _sorted(book, accounts, opening, span)
