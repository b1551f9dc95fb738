"""Cards: holders, cards, credit card statements; fixed width by bytes of GB18030, no header.

Widths stand in the layouts below: text to the left, numbers to the right, dates YYYYMMDD, blank where missing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.demo.arrays import NO_DATE, NO_NUMBER, Bools, Ints, Texts, glue, keys
from jobs.demo.block import KEYS_PER_BLOCK, Block
from jobs.demo.catalogue import CREDIT_CARD, choose_products
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.places import CITY, DISTRICT
from jobs.demo.systems.core import coded
from jobs.demo.written import versions

STYLE = Style("fixed", "dat", encoding="gb18030", dates="%Y%m%d")
HOLDERS = Layout("cards", "holders", STYLE, (
    Field("hold_no", width=12), Field("hold_name", width=40), Field("emb_name", width=40), Field("gender", width=1),
    Field("cert_typ", width=1), Field("cert_no", width=20), Field("phone", width=16), Field("birthday", "date", 8),
    Field("city", width=24), Field("bill_addr", width=120), Field("open_dt", "date", 8), Field("chg_dt", "date", 8),
))  # fmt: skip
CARDS = Layout("cards", "cards", STYLE, (
    Field("card_no", width=19), Field("hold_no", width=12), Field("prod", width=6), Field("typ", width=1),
    Field("iss_dt", "date", 8), Field("cls_dt", "date", 8), Field("limit", "money", 15), Field("stat", width=2),
    Field("chg_dt", "date", 8),
))  # fmt: skip
STATEMENTS = Layout("cards", "statements", STYLE, (
    Field("card_no", width=19), Field("stmt_dt", "date", 8), Field("stmt_bal", "money", 15), Field("limit", "money", 15),
    Field("min_due", "money", 15), Field("paid_amt", "money", 15),
), totals=("stmt_bal",))  # fmt: skip
LAYOUTS = (HOLDERS, CARDS, STATEMENTS)
DEBIT_SHARE, SECOND_RECORD = 0.92, 0.05
STATEMENT_DAY = 20
SHORT_TYPES = np.array(["I", "P", "H"])


def extracts(block: Block) -> Iterator[Extract]:
    """Holders with their cards; some have a second holder number for the credit card."""
    rng, people, life = block.streams("cards"), block.people, block.life
    debit = np.flatnonzero(rng.random(len(people)) < DEBIT_SHARE)
    credit = np.flatnonzero(life.owned[:, CREDIT_CARD] < NO_DATE)
    issued = np.concatenate(
        [people.since[debit] + rng.integers(0, 30, len(debit)), life.owned[credit, CREDIT_CARD]]
    )
    person, is_credit = np.concatenate([debit, credit]), np.arange(len(debit) + len(credit)) >= len(debit)
    holder = np.unique(person)
    first = np.full(len(people), NO_DATE)
    np.minimum.at(first, person, issued)
    twice = np.flatnonzero(is_credit & np.isin(person, debit) & (rng.random(len(person)) < SECOND_RECORD))
    record = np.searchsorted(holder, person)
    record[twice] = len(holder) + np.arange(len(twice))
    who, created = np.concatenate([holder, person[twice]]), np.concatenate([first[holder], issued[twice]])
    hold_no = block.keys("H", len(who), 17)
    yield _holders(block, who, created, hold_no, len(holder))
    card_no = keys("625", np.arange(len(person)) + block.number * KEYS_PER_BLOCK, 19, 13)
    limit = _limits(rng, block, person, is_credit)
    yield _cards(block, rng, person, issued, is_credit, limit, card_no, hold_no[record])
    yield _statements(block, rng, person, issued, is_credit, limit, card_no)


def _limits(rng: np.random.Generator, block: Block, person: Ints, is_credit: Bools) -> Ints:
    yuan = np.round(block.people.income[person] * rng.uniform(0.1, 0.5, len(person)), -3).clip(3_000)
    return np.where(is_credit, yuan.astype(np.int64) * 100, NO_NUMBER)


def _holders(block: Block, who: Ints, created: Ints, hold_no: Texts, firsts: int) -> Extract:
    people, span = block.people, block.span
    rng = block.streams("card holders")
    again = np.arange(len(who)) >= firsts
    written = write_down(rng, people, who, created, again=again, told=0.55, id_missing=0.02)
    block.know_people("cards", "holders", hold_no, who)
    block.written["cards.holders"] = written
    row, day = versions(span, written)
    place = written.address(row, day)
    line = written.address_line(row, day)
    return Extract(HOLDERS, {
        "hold_no": hold_no[row], "hold_name": written.name[row], "emb_name": written.latin[row],
        "gender": coded(written.female[row], np.array(["1", "0"])), "cert_typ": SHORT_TYPES[written.id_type[row] - 1],
        "cert_no": written.id_no[row], "phone": written.mobile(row, day), "birthday": written.birth[row],
        "city": CITY[place.district], "bill_addr": np.where(line == "", "", glue(DISTRICT[place.district], line)),
        "open_dt": written.created[row], "chg_dt": day,
    }, day)  # fmt: skip


def _cards(block: Block, rng: np.random.Generator, person: Ints, issued: Ints, is_credit: Bools, limit: Ints,
           card_no: Texts, hold_no: Texts) -> Extract:  # fmt: skip
    people, life, end = block.people, block.life, block.span.end
    suited = choose_products(
        CREDIT_CARD,
        people.income[person],
        people.age(end)[person],
        people.risk_level[person],
        rng.random(len(person)),
    )
    product = np.where(is_credit, suited, "CD001")
    given_up = np.where(
        is_credit & (rng.random(len(person)) < 0.1), issued + rng.integers(200, 3000, len(person)), NO_DATE
    )
    closed = np.minimum(np.where(life.dormant[person], NO_DATE, life.gone[person]), given_up)
    closed = np.maximum(closed, issued + 1)
    row = np.tile(np.arange(len(person)), 2)
    day = np.concatenate([issued, closed])
    row, day = row[day <= end], day[day <= end]
    is_closed = day >= closed[row]
    return Extract(CARDS, {
        "card_no": card_no[row], "hold_no": hold_no[row], "prod": product[row],
        "typ": np.where(is_credit[row], "C", "D"), "iss_dt": issued[row],
        "cls_dt": np.where(is_closed, closed[row], NO_DATE), "limit": limit[row],
        "stat": np.where(is_closed, "09", "00"), "chg_dt": day,
    }, day)  # fmt: skip


def _statements(
    block: Block,
    rng: np.random.Generator,
    person: Ints,
    issued: Ints,
    is_credit: Bools,
    limit: Ints,
    card_no: Texts,
) -> Extract:
    """Monthly statements: what is used of the limit follows the holder's activity, and most pay in full."""
    span, life = block.span, block.life
    day = span.month_starts[: span.months] + STATEMENT_DAY - 1
    shown = (
        is_credit[:, None] & (issued[:, None] < day) & (life.gone[person][:, None] > day) & span.inside(day)
    )
    card, month = np.nonzero(shown)
    habit = rng.beta(1.5, 4, len(person))
    use = life.activity[person[card], month] / block.people.activity[person[card]]
    share = (habit[card] * use * rng.lognormal(0, 0.3, len(card))).clip(0, 1)
    balance = (share * limit[card]).astype(np.int64)
    minimum = balance // 10
    pays_all = rng.random(len(person)) < 0.7
    strained = (block.people.credit_risk[person] > 1.2)[card] & (rng.random(len(card)) < 0.15)
    part = (balance * rng.uniform(0.1, 0.6, len(card))).astype(np.int64)
    paid = np.where(strained, 0, np.where(pays_all[card], balance, part))
    return Extract(STATEMENTS, {
        "card_no": pa.array(card_no).take(pa.array(card)), "stmt_dt": day[month], "stmt_bal": balance,
        "limit": limit[card], "min_due": minimum, "paid_amt": paid,
    }, day[month])  # fmt: skip
