"""Loans of people and companies: terms, the schedule within the span, missed instalments and arrears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import NO_DATE, Bools, Floats, Ints, Streams, Texts
from jobs.demo.catalogue import LOAN, MORTGAGE, choose_products
from jobs.demo.companies import Companies
from jobs.demo.life import Life
from jobs.demo.people import People
from jobs.demo.span import Span


@dataclass
class Loans:
    """One entry per loan; matrices are loans x months of the span. Amounts are cents."""

    person: Ints
    company: Ints
    kind: Ints
    product: Texts
    granted: Ints
    ends: Ints
    amount: Ints
    rate: Floats
    term: Ints
    instalment: Ints
    due_on: Ints
    paid_on: Ints
    due: Bools
    days_past_due: Ints

    def __len__(self) -> int:
        return len(self.granted)

    def outstanding(self, day: int) -> Ints:
        """Principal still owed on a day: as a straight line, which is near enough for a balance sheet."""
        left = 1 - (day - self.granted) / (self.term * 30.44)
        running = (self.granted <= day) & (self.ends > day)
        return np.where(running, (self.amount * left.clip(0, 1)).astype(np.int64), 0)


def _terms(rng: np.random.Generator, people: People, life: Life, span: Span) -> dict[str, np.ndarray]:
    """The loans that people took, with amounts in cents by what they earn."""
    columns: dict[str, list[np.ndarray]] = {}
    for kind in (LOAN, MORTGAGE):
        who = np.flatnonzero(life.owned[:, kind] < NO_DATE)
        size, income = len(who), people.income[who]
        product = choose_products(
            kind, income, people.age(span.start)[who], people.risk_level[who], rng.random(size)
        )
        if kind == LOAN:
            term = rng.choice([12, 24, 36, 60], size, p=[0.2, 0.3, 0.35, 0.15])
            amount = np.minimum(income * rng.uniform(0.25, 0.9, size), income / 12 * 0.3 * term)
            rate = 0.048 + 0.012 * np.abs(people.credit_risk[who])
        else:
            term = rng.choice([120, 240, 360], size, p=[0.2, 0.4, 0.4])
            amount = np.minimum(income * rng.uniform(3, 7, size), income / 12 * 0.28 * term)
            rate = np.full(size, 0.035) + rng.choice([0, 0.003, 0.006], size)
        made = {"person": who, "company": np.full(size, -1), "kind": np.full(size, kind), "product": product,
                "granted": life.owned[who, kind], "term": term, "amount": np.round(amount, -3) * 100, "rate": rate,
                "gone": life.gone[who], "risk": people.credit_risk[who]}  # fmt: skip
        for name, values in made.items():
            columns.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _company_terms(rng: np.random.Generator, companies: Companies) -> dict[str, np.ndarray]:
    who = np.flatnonzero(companies.borrowed < NO_DATE)
    size = len(who)
    amount = np.round(companies.turnover[who] * rng.uniform(0.1, 0.4, size), -4).clip(50_000)
    return {"person": np.full(size, -1), "company": who, "kind": np.full(size, -1),
            "product": np.full(size, "LN004"), "granted": companies.borrowed[who],
            "term": rng.choice([12, 24, 36], size), "amount": amount * 100, "rate": np.full(size, 0.042),
            "gone": np.full(size, NO_DATE), "risk": rng.normal(0, 1, size)}  # fmt: skip


def _stress(rng: np.random.Generator, risk: Floats, months: int) -> Bools:
    """Loans x months in which the borrower can't pay: spells that begin by risk and end by chance."""
    begins = 1 / (1 + np.exp(4.6 - 1.1 * risk))
    stressed = np.zeros((len(risk), months), bool)
    now = rng.random(len(risk)) < begins
    for month in range(months):
        luck = rng.random(len(risk))
        now = np.where(now, luck < 0.62, luck < begins)
        stressed[:, month] = now
    return stressed


def _payments(rng: np.random.Generator, due_on: Ints, stressed: Bools) -> Ints:
    """When each instalment is paid: near its day, or after the spell in which it was missed."""
    months = due_on.shape[1]
    usual = rng.choice([-2, -1, 0, 0, 0, 0, 1, 3], due_on.shape)
    caught_up = due_on + rng.integers(1, 11, due_on.shape)
    paid = np.full(due_on.shape, NO_DATE)
    following = np.full(len(due_on), NO_DATE)
    for month in range(months - 1, -1, -1):
        free = ~stressed[:, month]
        following = np.where(free, caught_up[:, month], following)
        paid[:, month] = np.where(free, due_on[:, month] + usual[:, month], following)
    return paid


def make_loans(streams: Streams, span: Span, people: People, companies: Companies, life: Life) -> Loans:
    """All loans of the block, with the part of their schedules that falls into the span."""
    rng = streams("loans")
    theirs, corporate = _terms(rng, people, life, span), _company_terms(rng, companies)
    terms = {name: np.concatenate([theirs[name], corporate[name]]) for name in theirs}
    granted, term = terms["granted"], terms["term"]
    monthly = terms["rate"] / 12
    amount = terms["amount"].astype(np.int64)
    instalment = (amount * monthly / (1 - (1 + monthly) ** -term)).astype(np.int64)
    ends = np.minimum(granted + (term * 30.44).astype(np.int64) + 5, terms["gone"])
    ends = np.maximum(ends, granted + 1)
    day = rng.integers(1, 29, len(term))
    due_on = span.month_starts[None, : span.months] + day[:, None] - 1
    due = (due_on > granted[:, None] + 20) & (due_on < ends[:, None])
    paid_on = _payments(rng, due_on, _stress(rng, terms["risk"], span.months))
    paid_on = np.where(due, paid_on, NO_DATE)
    month_end = span.month_ends[None, : span.months]
    overdue = np.zeros(due.shape, np.int64)
    for month in range(span.months):
        open_days = np.where(due & (paid_on > month_end[0, month]), month_end[0, month] - due_on, 0)
        overdue[:, month] = np.where(month_end[0, month] < ends, open_days[:, : month + 1].max(axis=1), 0)
    return Loans(terms["person"], terms["company"], terms["kind"], terms["product"], granted, ends, amount,
                 np.round(terms["rate"], 4), term, instalment, due_on, paid_on, due, overdue)  # fmt: skip
