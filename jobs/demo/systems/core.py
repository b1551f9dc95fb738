"""Core banking: customers, accounts, transactions, month-end balances; pipe-delimited GB18030."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.demo.accounts import SAVINGS
from jobs.demo.arrays import NO_DATE, NO_NUMBER, Ints, Texts, digits, keys
from jobs.demo.block import KEYS_PER_BLOCK, Block
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.merchants import merchant_codes
from jobs.demo.movements import CHANNELS, MOVE, MOVES
from jobs.demo.places import AREA, CITY, DISTRICT, POSTCODE, PROVINCE
from jobs.demo.span import next_business_day
from jobs.demo.written import versions

STYLE = Style("delimited", "txt", encoding="gb18030", delimiter="|", dates="%Y%m%d")
CUSTOMERS = Layout("core", "customers", STYLE, (
    Field("cust_no"), Field("cust_type"), Field("cust_name"), Field("name_py"), Field("sex"), Field("birth_dt", "date"),
    Field("nation"), Field("id_type"), Field("id_no"), Field("mobile"), Field("prov"), Field("city"), Field("dist"),
    Field("addr"), Field("area_cd"), Field("post_code"), Field("occ_cd"), Field("edu_cd"), Field("marr_cd"), Field("ann_income", "int"),
    Field("kyc_st"), Field("kyc_exp", "date"), Field("open_brch"), Field("mgr_no"), Field("open_dt", "date"),
    Field("cust_st"), Field("upd_dt", "date"),
))  # fmt: skip
ACCOUNTS = Layout("core", "accounts", STYLE, (
    Field("acct_no"), Field("cust_no"), Field("joint_cust_no"), Field("prod_cd"), Field("ccy"), Field("brch"),
    Field("open_dt", "date"), Field("close_dt", "date"), Field("acct_st"), Field("upd_dt", "date"),
))  # fmt: skip
TRANSACTIONS = Layout("core", "transactions", STYLE, (
    Field("txn_no", "int"), Field("acct_no"), Field("txn_dt", "date"), Field("dr_cr"), Field("amt", "money"), Field("ccy"),
    Field("txn_cd"), Field("chnl_cd"), Field("bal", "money"), Field("mcc"),
), totals=("amt",))  # fmt: skip
BALANCES = Layout("core", "balances", STYLE, (
    Field("acct_no"), Field("bal_dt", "date"), Field("bal", "money"), Field("ccy"), Field("rpt_dt", "date"),
), totals=("bal",))  # fmt: skip
LAYOUTS = (CUSTOMERS, ACCOUNTS, TRANSACTIONS, BALANCES)

OCCUPATION_CODES = np.array(["10", "21", "22", "23", "30", "24", "40", "50"])
EDUCATION_CODES = np.array(["1", "2", "3", "4", "5"])
MARITAL_CODES = np.array(["10", "20", "40", "30"])
MOVE_CODES = np.array([f"{n + 10:02d}0{n % 7 + 1}" for n in range(len(MOVES))])
CHANNEL_CODES = np.array([f"{n + 1:02d}" for n in range(len(CHANNELS))])
LATE_SHARE = 0.005
SECOND_RECORD = 0.16
"""Share of the savers who were entered a second time when they opened the savings account."""


def coded(values: Ints, codes: Texts) -> Texts:
    """Positions as a system's codes; empty for NO_NUMBER."""
    return np.where(values == NO_NUMBER, "", codes[values.clip(0, len(codes) - 1)])


def account_numbers(serial: Ints) -> Texts:
    """Account numbers: the bank's prefix and a scrambled serial."""
    return keys("6217", serial, 11)


def extracts(block: Block) -> Iterator[Extract]:
    """All four tables."""
    rng, people, accounts = block.streams("core"), block.people, block.accounts
    savers = np.flatnonzero(accounts.kind == SAVINGS)
    twice = savers[rng.random(len(savers)) < SECOND_RECORD]
    who = np.concatenate([np.arange(len(people)), accounts.person[twice]])
    created = np.concatenate([people.since, accounts.opened[twice]])
    record_of_account = np.where(accounts.person >= 0, accounts.person, len(who) + accounts.company)
    record_of_account[twice] = len(people) + np.arange(len(twice))
    cust_no = block.keys("", len(who) + len(block.companies), 3)
    yield _customers(block, who, created, cust_no).break_cells(
        rng, "birth_dt", ["19850230", "1978/3/5", "00000000"]
    )
    yield _companies(block, cust_no[len(who) :])
    acct_no = account_numbers(np.arange(len(accounts)) + block.number * KEYS_PER_BLOCK)
    yield _accounts(block, acct_no, cust_no, record_of_account)
    moved = _transactions(block, rng, acct_no)
    moved.break_cells(rng, "txn_dt", ["20250230", "2025-13-01", ""])
    yield moved.break_cells(rng, "bal", ["1,234.50", "１２３４.５０", "1.2E4"])
    yield _balances(block, acct_no)


def _customers(block: Block, who: Ints, created: Ints, cust_no: Texts) -> Extract:
    rng, people, span = block.streams("core customers"), block.people, block.span
    again = np.arange(len(who)) >= len(people)
    written = write_down(
        rng, people, who, created, again=again, error=0.8, told=0.7, id_missing=0.01, demography=0.15
    )
    block.written["core.customers"] = written
    block.know_people("core", "customers", cust_no[: len(who)], who)
    expires = np.where(
        rng.random(len(who)) < 0.93, span.start - 250 + rng.integers(0, 2500, len(who)), NO_DATE
    )
    renewed = np.where(rng.random(len(who)) < 0.85, expires + rng.integers(-30, 60, len(who)), NO_DATE)
    closed = np.where(block.life.dormant[who], NO_DATE, block.life.gone[who])
    row, day = versions(span, written, renewed, closed)
    place = written.address(row, day)
    valid_until = np.where(day >= renewed[row], expires[row] + 3652, expires[row])
    status = np.where(valid_until >= NO_DATE, "2", np.where(valid_until < day, "1", "0"))
    person, income = who[row], written.income[row]
    return Extract(CUSTOMERS, {
        "cust_no": cust_no[row], "cust_type": np.full(len(row), "1"), "cust_name": written.name[row],
        "name_py": np.where(people.foreign[person], written.latin[row], ""), "sex": coded(written.female[row], np.array(["1", "2"])),
        "birth_dt": written.birth[row], "nation": np.where(people.foreign[person], "", "CHN"),
        "id_type": digits(written.id_type[row], 2), "id_no": written.id_no[row], "mobile": written.mobile(row, day),
        "prov": PROVINCE[place.district], "city": CITY[place.district], "dist": DISTRICT[place.district],
        "addr": written.address_line(row, day), "area_cd": AREA[place.district],
 "post_code": POSTCODE[place.district],
        "occ_cd": coded(written.occupation[row], OCCUPATION_CODES), "edu_cd": coded(written.education[row], EDUCATION_CODES),
        "marr_cd": coded(written.marital[row], MARITAL_CODES),
        "ann_income": np.where(np.isnan(income), NO_NUMBER, np.nan_to_num(income)).astype(np.int64),
        "kyc_st": status, "kyc_exp": valid_until, "open_brch": block.network.branch[block.branch[person]],
        "mgr_no": np.where(block.manager[person] >= 0, block.network.employee[block.manager[person]], ""),
        "open_dt": written.created[row], "cust_st": np.where(day >= closed[row], "C", "A"), "upd_dt": day,
    }, day)  # fmt: skip


def _companies(block: Block, cust_no: Texts) -> Extract:
    rng, firms = block.streams("core companies"), block.companies
    size, place = len(firms), firms.address
    block.know_companies("core", "customers", cust_no, np.arange(size))
    luck = rng.random(size)
    name = np.select([luck < 0.1, luck < 0.2], [firms.bracketed_name, firms.short_name], firms.name)
    expires = block.span.start + rng.integers(-100, 2500, size)
    empty, branch = np.full(size, ""), rng.integers(0, len(block.network.branch), size)
    return Extract(CUSTOMERS, {
        "cust_no": cust_no, "cust_type": np.full(size, "2"), "cust_name": name, "name_py": empty, "sex": empty,
        "birth_dt": np.full(size, NO_DATE), "nation": np.full(size, "CHN"), "id_type": np.full(size, "11"),
        "id_no": np.where(rng.random(size) < 0.02, "", firms.code), "mobile": firms.phone, "prov": PROVINCE[place.district],
        "city": CITY[place.district], "dist": DISTRICT[place.district], "addr": place.line, "area_cd": AREA[place.district],
 "post_code": POSTCODE[place.district],
        "occ_cd": empty, "edu_cd": empty, "marr_cd": empty, "ann_income": np.round(firms.turnover).astype(np.int64),
        "kyc_st": np.where(expires < block.span.start, "1", "0"), "kyc_exp": expires, "open_brch": block.network.branch[branch],
        "mgr_no": block.network.employee[branch * 6 + 3], "open_dt": firms.since, "cust_st": np.full(size, "A"), "upd_dt": firms.since,
    }, firms.since)  # fmt: skip


def _accounts(block: Block, acct_no: Texts, cust_no: Texts, record: Ints) -> Extract:
    accounts, span = block.accounts, block.span
    row = np.tile(np.arange(len(accounts)), 3)
    day = np.concatenate([accounts.opened, accounts.closed, accounts.dormant_on])
    row, day = row[day <= span.end], day[day <= span.end]
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    closed, dormant = day >= accounts.closed[row], day >= accounts.dormant_on[row]
    person = accounts.person[row]
    area = np.where(person >= 0, block.branch[person], 0)
    return Extract(ACCOUNTS, {
        "acct_no": acct_no[row], "cust_no": cust_no[record[row]],
        "joint_cust_no": np.where(accounts.joint[row] >= 0, cust_no[accounts.joint[row]], ""),
        "prod_cd": accounts.product[row], "ccy": np.full(len(row), "CNY"), "brch": block.network.branch[area],
        "open_dt": accounts.opened[row], "close_dt": np.where(closed, accounts.closed[row], NO_DATE),
        "acct_st": np.select([closed, dormant], ["1", "2"], "0"), "upd_dt": day,
    }, day)  # fmt: skip


def _transactions(block: Block, rng: np.random.Generator, acct_no: Texts) -> Extract:
    moves = block.movements
    rows = np.flatnonzero(block.span.inside(moves.day))
    late = np.where(rng.random(len(rows)) < LATE_SHARE, rng.integers(1, 4, len(rows)), 0)
    amount = moves.amount[rows]
    return Extract(TRANSACTIONS, {
        "txn_no": block.serials(len(rows)), "acct_no": pa.array(acct_no).take(pa.array(moves.account[rows])),
        "txn_dt": moves.day[rows], "dr_cr": pa.array(["C", "D"]).take(pa.array((amount < 0).astype(np.int8))),
        "amt": np.abs(amount), "ccy": pa.repeat("CNY", len(rows)),
        "txn_cd": pa.array(MOVE_CODES).take(pa.array(moves.move[rows])),
        "chnl_cd": pa.array(CHANNEL_CODES).take(pa.array(moves.channel[rows])), "bal": moves.balance[rows],
        "mcc": _merchants(block, moves.account[rows], moves.move[rows]),
    }, moves.day[rows] + late)  # fmt: skip


def _merchants(block: Block, account: Ints, move: Ints) -> Texts:
    """Where cards were used: current accounts come first and in the people's order."""
    by_card = (move == MOVE["card"]) & (account < len(block.people))
    payer = np.where(by_card, account, -1)
    return merchant_codes(block.streams("merchants"), block.people, payer, block.span.start)


def _balances(block: Block, acct_no: Texts) -> Extract:
    accounts, span = block.accounts, block.span
    ends = span.month_ends[: span.months]
    shown = (accounts.opened[:, None] <= ends) & (accounts.closed[:, None] > ends) & span.inside(ends)
    month, row = np.nonzero(shown.T)
    day = ends[month]
    known = next_business_day(day)
    return Extract(BALANCES, {
        "acct_no": pa.array(acct_no).take(pa.array(row)), "bal_dt": day, "bal": block.movements.month_end[row, month],
        "ccy": pa.repeat("CNY", len(row)), "rpt_dt": known,
    }, known)  # fmt: skip
