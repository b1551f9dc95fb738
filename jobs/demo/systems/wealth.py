"""Wealth: investors with risk questionnaire, holdings, month-end positions, orders; Parquet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.demo.arrays import NO_DATE, Bools, Ints, Texts
from jobs.demo.block import Block
from jobs.demo.catalogue import FEES, FUND, INSURANCE, WEALTH, choose_products
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.span import next_business_day
from jobs.demo.systems.core import coded
from jobs.demo.written import versions

STYLE = Style("parquet", "parquet")
INVESTORS = Layout("wealth", "investors", STYLE, (
    Field("investor_id"), Field("full_name"), Field("gender"), Field("date_of_birth", "date"), Field("cert_kind"),
    Field("cert_number"), Field("mobile"), Field("email"), Field("risk_level", "int"), Field("assessed_on", "date"),
    Field("assessment_expires_on", "date"), Field("dual_recorded", "bool"), Field("registered_on", "date"),
    Field("updated_on", "date"),
))  # fmt: skip
HOLDINGS = Layout("wealth", "holdings", STYLE, (
    Field("holding_id"), Field("investor_id"), Field("product_code"), Field("opened_on", "date"), Field("closed_on", "date"),
    Field("invested", "money"), Field("status"), Field("updated_on", "date"),
))  # fmt: skip
POSITIONS = Layout("wealth", "positions", STYLE, (
    Field("holding_id"), Field("position_on", "date"), Field("market_value", "money"), Field("currency"), Field("reported_on", "date"),
), totals=("market_value",))  # fmt: skip
ORDERS = Layout("wealth", "orders", STYLE, (
    Field("order_id", "int"), Field("investor_id"), Field("holding_id"), Field("product_code"), Field("ordered_on", "date"),
    Field("order_type"), Field("amount", "money"), Field("currency"), Field("dual_recorded", "bool"),
), totals=("amount",))  # fmt: skip
LAYOUTS = (INVESTORS, HOLDINGS, POSITIONS, ORDERS)
SECOND_RECORD = 0.04
ASSESSMENT_DAYS = 365
DRIFT = {FUND: (0.004, 0.04), WEALTH: (0.003, 0.004), INSURANCE: (0.002, 0.0)}
"""Monthly drift and volatility of a holding's value by kind."""


def extracts(block: Block) -> Iterator[Extract]:
    """All four tables."""
    rng, life = block.streams("wealth"), block.life
    kinds = (FUND, WEALTH, INSURANCE)
    person, which = np.nonzero(life.owned[:, kinds] < NO_DATE)
    kind = np.array(kinds)[which]
    opened = life.owned[person, kind]
    investor = np.unique(person)
    first = np.full(len(block.people), NO_DATE)
    np.minimum.at(first, person, opened - 2)
    twice = np.flatnonzero((opened - 2 > first[person]) & (rng.random(len(person)) < SECOND_RECORD))
    record = np.searchsorted(investor, person)
    record[twice] = len(investor) + np.arange(len(twice))
    who, created = (
        np.concatenate([investor, person[twice]]),
        np.concatenate([first[investor], opened[twice] - 2]),
    )
    ids, holding = block.keys("W", len(who), 37), block.keys("WH", len(person), 41)
    dual = (block.people.age(block.span.start)[who] > 55) | (rng.random(len(who)) < 0.55)
    yield _investors(block, who, created, ids, len(investor), dual)
    product = _products(rng, block, person, kind)
    amount = _amounts(block, person, kind, product)
    yield _holdings(block, person, opened, product, amount, holding, ids[record])
    yield _positions(block, rng, person, kind, opened, amount, holding)
    yield _orders(block, rng, person, kind, opened, product, amount, holding, ids[record], dual[record])


def _products(rng: np.random.Generator, block: Block, person: Ints, kind: Ints) -> Texts:
    people = block.people
    product = np.full(len(person), "IN001")
    for each in (FUND, WEALTH, INSURANCE):
        rows = np.flatnonzero(kind == each)
        p = person[rows]
        product[rows] = choose_products(
            each, people.income[p], people.age(block.span.end)[p], people.risk_level[p], rng.random(len(rows))
        )
    return product


def _amounts(block: Block, person: Ints, kind: Ints, product: Texts) -> Ints:
    premium = np.array([FEES[p] for p in product.tolist()]) * 1000
    return np.where(kind == INSURANCE, premium.astype(np.int64), block.invested[person, kind])


def _investors(block: Block, who: Ints, created: Ints, ids: Texts, firsts: int, dual: Bools) -> Extract:
    """The questionnaire is renewed a while after it expires by most, never by some."""
    rng, people, span = block.streams("investors"), block.people, block.span
    again = np.arange(len(who)) >= firsts
    written = write_down(rng, people, who, created, again=again, error=0.8, told=0.55, id_missing=0.01)
    block.know_people("wealth", "investors", ids, who)
    block.written["wealth.investors"] = written
    delay = ASSESSMENT_DAYS + rng.integers(-20, 160, (len(who), 4)).cumsum(axis=1)
    start = np.maximum(created, span.start - rng.integers(0, 500, len(who)))
    renewed = np.where(rng.random((len(who), 4)) < 0.8, start[:, None] + delay * np.arange(1, 5), NO_DATE)
    row, day = versions(span, written, *renewed.T)
    assessed = np.where(renewed[row] <= day[:, None], renewed[row], -NO_DATE).max(axis=1)
    assessed = np.maximum(assessed, np.where(start[row] <= day, start[row], created[row]))
    level = (people.risk_level[who] + rng.choice([-1, 0, 0, 0, 0, 1], len(who))).clip(1, 5)
    return Extract(INVESTORS, {
        "investor_id": ids[row], "full_name": written.name[row], "gender": coded(written.female[row], np.array(["male", "female"])),
        "date_of_birth": written.birth[row], "cert_kind": np.array(["RIC", "PASSPORT", "PERMIT"])[written.id_type[row] - 1],
        "cert_number": written.id_no[row], "mobile": written.mobile(row, day), "email": written.email[row],
        "risk_level": level[row], "assessed_on": assessed, "assessment_expires_on": assessed + ASSESSMENT_DAYS,
        "dual_recorded": dual[row], "registered_on": written.created[row], "updated_on": day,
    }, day)  # fmt: skip


def _holdings(
    block: Block, person: Ints, opened: Ints, product: Texts, amount: Ints, holding: Texts, investor: Texts
) -> Extract:
    end = block.span.end
    closed = np.maximum(np.where(block.life.dormant[person], NO_DATE, block.life.gone[person]), opened + 1)
    row, day = np.tile(np.arange(len(person)), 2), np.concatenate([opened, closed])
    row, day = row[day <= end], day[day <= end]
    is_closed = day >= closed[row]
    return Extract(HOLDINGS, {
        "holding_id": holding[row], "investor_id": investor[row], "product_code": product[row], "opened_on": opened[row],
        "closed_on": np.where(is_closed, closed[row], NO_DATE), "invested": amount[row],
        "status": np.where(is_closed, "closed", "active"), "updated_on": day,
    }, day)  # fmt: skip


def _positions(
    block: Block,
    rng: np.random.Generator,
    person: Ints,
    kind: Ints,
    opened: Ints,
    amount: Ints,
    holding: Texts,
) -> Extract:
    span = block.span
    ends = span.month_ends[: span.months]
    drift, noise = (np.array([DRIFT[k][i] for k in kind.tolist()]) for i in (0, 1))
    path = np.exp(
        np.cumsum(drift[:, None] + noise[:, None] * rng.normal(0, 1, (len(kind), span.months)), axis=1)
    )
    fading = np.where(block.life.leaving[person, : span.months], 0.85, 1.0).cumprod(axis=1)
    shown = (opened[:, None] <= ends) & (block.life.gone[person][:, None] > ends) & span.inside(ends)
    row, month = np.nonzero(shown)
    known = next_business_day(ends[month])
    return Extract(POSITIONS, {
        "holding_id": pa.array(holding).take(pa.array(row)), "position_on": ends[month],
        "market_value": (amount[row] * path[row, month] * fading[row, month]).astype(np.int64),
        "currency": pa.repeat("CNY", len(row)), "reported_on": known,
    }, known)  # fmt: skip


def _orders(block: Block, rng: np.random.Generator, person: Ints, kind: Ints, opened: Ints, product: Texts, amount: Ints,
            holding: Texts, investor: Texts, dual: Bools) -> Extract:  # fmt: skip
    """The first purchase, monthly standing orders of a quarter of the funds, redemption when the customer goes."""
    span, gone = block.span, block.life.gone[person]
    bought = np.flatnonzero(span.inside(opened))
    sold = np.flatnonzero(span.inside(gone) & ~block.life.dormant[person] & (kind != INSURANCE))
    plan = (kind == FUND) & (rng.random(len(kind)) < 0.25)
    day = span.month_starts[: span.months] + 9
    saver, month = np.nonzero(
        plan[:, None] & (opened[:, None] < day) & (gone[:, None] > day) & span.inside(day)
    )
    row = np.concatenate([bought, sold, saver])
    when = np.concatenate([opened[bought], gone[sold], day[month]])
    kinds = np.repeat(["SUB", "RED", "AIP"], [len(bought), len(sold), len(saver)])
    money = np.concatenate([amount[bought], amount[sold], (amount[saver] // 40).clip(10_000)])
    return Extract(ORDERS, {
        "order_id": block.serials(len(row)), "investor_id": investor[row], "holding_id": holding[row],
        "product_code": product[row], "ordered_on": when, "order_type": kinds, "amount": money,
        "currency": pa.repeat("CNY", len(row)), "dual_recorded": dual[row] & (kinds != "AIP"),
    }, when)  # fmt: skip
