"""Monthly flows through current accounts: income, spending, loans, money leaving; cents, people x months."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from jobs.demo.arrays import NO_DATE, Floats, Ints, Streams
from jobs.demo.catalogue import FUND, KINDS, LOAN, MORTGAGE, TERM, WEALTH
from jobs.demo.life import Life
from jobs.demo.loans import Loans
from jobs.demo.people import People
from jobs.demo.span import Span

STUDENT, SELF_EMPLOYED, RETIRED = 0, 4, 6
SHARE_OF_WEALTH = {TERM: 0.28, FUND: 0.12, WEALTH: 0.3}
"""What part of their means people put into each kind of investment, on average."""


@dataclass
class Flows:
    """Cents by person and month; `opening` before the span (nil for those who join later)."""

    opening: Ints
    deposit: Ints
    salary: Ints
    pension: Ints
    received: Ints
    interest: Ints
    spent: Ints
    repaid: Ints
    moved_out: Ints
    farewell: Ints
    invested: Ints
    balance: Ints


def invested_amounts(rng: np.random.Generator, people: People) -> Ints:
    """People x kinds: cents that a person would put into each kind of investment."""
    amount = np.zeros((len(people), len(KINDS)), np.int64)
    for kind, share in SHARE_OF_WEALTH.items():
        yuan = people.wealth * share * rng.lognormal(0, 0.4, len(people))
        amount[:, kind] = np.round(yuan.clip(1_000), -2).astype(np.int64) * 100
    return amount


def _repaid(people: People, loans: Loans, span: Span) -> Ints:
    """Instalments that leave current accounts, in the month in which they are paid."""
    total = np.zeros((len(people), span.months), np.int64)
    paid = loans.due & (loans.paid_on <= span.month_ends[span.months - 1]) & (loans.person >= 0)[:, None]
    loan, due_month = np.nonzero(paid)
    month = span.month_of(loans.paid_on[loan, due_month]).clip(0, span.months - 1)
    np.add.at(total, (loans.person[loan], month), loans.instalment[loan])
    return total


def _incomes(
    rng: np.random.Generator, people: People, life: Life, span: Span
) -> tuple[Floats, Floats, Floats]:
    """Salary, pension and irregular income in cents before asking whether the account is open."""
    monthly = (people.income / 12 * 100)[:, None]
    shape = (len(people), span.months)
    spring = np.array([np.datetime64(int(d), "D").astype("datetime64[M]").astype(int) % 12 == 0
                       for d in span.month_starts[: span.months]])  # fmt: skip
    salary = np.where(life.salaried[:, : span.months], monthly * 0.92 * np.where(spring, 1.9, 1.0), 0)
    pension = np.where((people.occupation == RETIRED)[:, None], monthly, 0) * np.ones(shape)
    irregular = np.isin(people.occupation, (STUDENT, SELF_EMPLOYED)) | (people.employer < 0)
    irregular &= people.occupation != RETIRED
    received = np.where(irregular[:, None], monthly * rng.gamma(2.0, 0.5, shape), 0)
    rounded = [np.asarray(np.round(part, -2), dtype=np.float64) for part in (salary, pension, received)]
    return rounded[0], rounded[1], rounded[2]


def make_flows(
    streams: Streams, span: Span, people: People, life: Life, loans: Loans, invested: Ints
) -> Flows:
    """Balances that follow income, spend what they have, and run out when the customer leaves."""
    rng = streams("flows")
    size, months = len(people), span.months
    monthly = people.income / 12 * 100
    target = np.maximum(1.8 * monthly, 0.25 * people.wealth * 100)
    salary, pension, received = _incomes(rng, people, life, span)
    repaid = _repaid(people, loans, span)
    shape = (size, months)
    flows = Flows(
        np.where(people.since < span.month_starts[0], target * rng.lognormal(0, 0.3, size), 0).astype(np.int64),
        *(np.zeros(shape, np.int64) for _ in fields(Flows)[1:]),
    )  # fmt: skip
    balance = np.where(life.leaving[:, 0], flows.opening // 2, flows.opening)
    flows.opening = balance.copy()
    first_deposit = (0.8 * target * rng.lognormal(0, 0.3, size)).astype(np.int64)
    for kind in (TERM, FUND, WEALTH, LOAN, MORTGAGE):
        taken = span.month_of(life.owned[:, kind])
        rows = np.flatnonzero((taken >= 0) & (taken < months) & (life.owned[:, kind] < NO_DATE))
        flows.invested[rows, taken[rows]] += invested[rows, kind]
    for month in range(months):
        start, end = int(span.month_starts[month]), int(span.month_ends[month])
        joins, here = (people.since >= start) & (people.since <= end), people.since < start
        goes, gone = (life.gone >= start) & (life.gone <= end), life.gone < start
        use = life.activity[:, month] / people.activity
        flows.deposit[:, month] = np.where(joins, first_deposit, 0)
        flows.repaid[:, month] = np.where(goes | gone, 0, repaid[:, month])
        for part, drawn in ((flows.salary, salary), (flows.pension, pension), (flows.received, received)):
            part[:, month] = np.where(
                here & ~gone & ~goes,
                drawn[:, month] * np.where(part is flows.received, use.clip(0, 1.2), 1),
                0,
            )
        top_up = np.maximum(0, flows.repaid[:, month] - balance // 2)
        flows.received[:, month] += top_up
        base = balance + flows.deposit[:, month]
        wish = 0.92 * monthly * (base / target).clip(0.05, 9) ** 0.6 * use**0.6 * rng.lognormal(0, 0.22, size)
        room = np.maximum(0, 0.8 * base - np.minimum(flows.repaid[:, month], balance // 2))
        part_of_month = np.where(joins, 0.3, np.where(goes, 0.4, 1.0))
        spent = np.where(gone, 0, np.minimum(wish * part_of_month, room)).astype(np.int64)
        flows.spent[:, month] = spent
        leaves = life.leaving[:, month] & here & ~gone & ~goes
        share = 0.3 + 0.25 * rng.random(size)
        flows.moved_out[:, month] = np.where(leaves, share * np.maximum(0, room - spent), 0).astype(np.int64)
        quarterly = np.datetime64(start, "D").astype("datetime64[M]").astype(int) % 3 == 2
        flows.interest[:, month] = np.where(here & ~gone & ~goes & quarterly, balance // 2000, 0)
        balance = base + flows.salary[:, month] + flows.pension[:, month] + flows.received[:, month]
        balance += flows.interest[:, month] - spent - flows.repaid[:, month] - flows.moved_out[:, month]
        rest = np.where(life.dormant, balance // 50, 0)
        flows.farewell[:, month] = np.where(goes, balance - rest, 0)
        balance = balance - flows.farewell[:, month]
        flows.balance[:, month] = balance
    return flows
