"""Corporate: organisations, legal representatives, shareholders, payroll links; CSV, UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.demo.arrays import NO_DATE, Ints, Texts, glue
from jobs.demo.block import Block
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.places import CITY, DISTRICT, PROVINCE

STYLE = Style("delimited", "csv", dates="%Y/%m/%d")
ORGANISATIONS = Layout("corporate", "organisations", STYLE, (
    Field("org_id"), Field("org_name"), Field("uscc"), Field("industry_code"), Field("registered_capital", "money"),
    Field("annual_turnover", "int"), Field("founded_on", "date"), Field("reg_province"), Field("reg_city"), Field("reg_district"),
    Field("reg_address"), Field("phone"), Field("since", "date"), Field("updated_on", "date"),
))  # fmt: skip
LEGAL_REPRESENTATIVES = Layout("corporate", "legal_representatives", STYLE, (
    Field("rep_id"), Field("org_id"), Field("rep_name"), Field("cert_no"), Field("phone"), Field("appointed_on", "date"),
))  # fmt: skip
SHAREHOLDERS = Layout("corporate", "shareholders", STYLE, (
    Field("holder_id"), Field("org_id"), Field("holder_type"), Field("holder_name"), Field("cert_no"), Field("share", "rate"),
    Field("held_since", "date"),
))  # fmt: skip
PAYROLL = Layout("corporate", "payroll", STYLE, (
    Field("payee_id"), Field("org_id"), Field("payee_name"), Field("cert_no"), Field("phone"), Field("salary", "money"),
    Field("from_date", "date"), Field("to_date", "date"), Field("updated_on", "date"),
))  # fmt: skip
LAYOUTS = (ORGANISATIONS, LEGAL_REPRESENTATIVES, SHAREHOLDERS, PAYROLL)
INDUSTRY_CODES = {
    "technology": "I", "trade": "F", "manufacturing": "C",
    "construction": "E", "hospitality": "H", "transport": "G", "health": "Q",
    "education": "P", "real_estate": "K", "agriculture": "A",
}  # fmt: skip


def extracts(block: Block) -> Iterator[Extract]:
    """All four tables; people appear with name and identity number as their employer wrote them."""
    firms = block.companies
    org_id = block.keys("ORG", len(firms), 59)
    yield _organisations(block, org_id)
    yield _representatives(block, org_id)
    yield _shareholders(block, org_id)
    yield _payroll(block, org_id)


def _organisations(block: Block, org_id: Texts) -> Extract:
    rng, firms = block.streams("organisations"), block.companies
    size, place = len(firms), firms.address
    block.know_companies("corporate", "organisations", org_id, np.arange(size))
    luck = rng.random(size)
    name = np.select(
        [luck < 0.06, luck < 0.1], [firms.bracketed_name, glue(firms.short_name, firms.form)], firms.name
    )
    codes = np.array([INDUSTRY_CODES[i] for i in firms.industry.tolist()])
    return Extract(ORGANISATIONS, {
        "org_id": org_id, "org_name": name, "uscc": np.where(rng.random(size) < 0.02, "", firms.code), "industry_code": codes,
        "registered_capital": (firms.capital * 100).astype(np.int64), "annual_turnover": np.round(firms.turnover).astype(np.int64),
        "founded_on": firms.founded, "reg_province": PROVINCE[place.district], "reg_city": CITY[place.district],
        "reg_district": DISTRICT[place.district], "reg_address": place.line, "phone": firms.phone, "since": firms.since,
        "updated_on": firms.since,
    }, firms.since)  # fmt: skip


def _representatives(block: Block, org_id: Texts) -> Extract:
    firms, rng = block.companies, block.streams("legal representatives")
    ids = block.keys("LR", len(firms), 61)
    written = write_down(rng, block.people, firms.legal_rep, firms.since, error=0.6)
    block.know_people("corporate", "legal_representatives", ids, firms.legal_rep)
    block.written["corporate.legal_representatives"] = written
    row = np.arange(len(firms))
    return Extract(LEGAL_REPRESENTATIVES, {
        "rep_id": ids, "org_id": org_id, "rep_name": written.name, "cert_no": written.id_no,
        "phone": written.mobile(row, firms.since), "appointed_on": firms.since,
    }, firms.since)  # fmt: skip


def _shareholders(block: Block, org_id: Texts) -> Extract:
    firms, rng = block.companies, block.streams("shareholders")
    ids, own = block.keys("SH", len(firms.held), 67), firms.holder_person >= 0
    people, companies = np.flatnonzero(own), np.flatnonzero(~own)
    day = np.maximum(firms.since[firms.held], firms.held_since)
    written = write_down(rng, block.people, firms.holder_person[people], day[people], error=0.6)
    block.know_people("corporate", "shareholders", ids[people], firms.holder_person[people])
    block.know_companies("corporate", "shareholders", ids[companies], firms.holder_company[companies])
    name, code = np.full(len(ids), "", dtype="<U60"), np.full(len(ids), "", dtype="<U20")
    name[people], code[people] = written.name, written.id_no
    name[companies], code[companies] = (
        firms.name[firms.holder_company[companies]],
        firms.code[firms.holder_company[companies]],
    )
    return Extract(SHAREHOLDERS, {
        "holder_id": ids, "org_id": org_id[firms.held], "holder_type": np.where(own, "P", "C"), "holder_name": name,
        "cert_no": code, "share": firms.share, "held_since": day,
    }, day)  # fmt: skip


def _payroll(block: Block, org_id: Texts) -> Extract:
    """Who is paid through the bank, from when, and until when: the end shows that a salary has moved away."""
    people, life, span, rng = block.people, block.life, block.span, block.streams("payroll")
    who = np.flatnonzero(people.employer >= 0)
    since = np.maximum(people.since[who], block.companies.since[people.employer[who]])
    paid = life.salaried[who, : span.months]
    never_back = np.flip(np.flip(~paid, 1).cumprod(axis=1), 1).astype(bool)
    stopped = np.where(never_back.any(axis=1), span.month_starts[never_back.argmax(axis=1)] + 9, NO_DATE)
    until = np.minimum(np.where(stopped > since, stopped, NO_DATE), life.gone[who])
    kept = (since <= span.end) & (until > since)
    who, since, until = who[kept], since[kept], until[kept]
    ids = block.keys("PY", len(who), 71)
    written = write_down(rng, people, who, since, error=0.9)
    block.know_people("corporate", "payroll", ids, who)
    block.written["corporate.payroll"] = written
    row, day = np.tile(np.arange(len(who)), 2), np.concatenate([since, until])
    row, day = row[day <= span.end], day[day <= span.end]
    ended: Ints = np.where(day >= until[row], until[row], NO_DATE)
    return Extract(PAYROLL, {
        "payee_id": ids[row], "org_id": org_id[people.employer[who[row]]], "payee_name": written.name[row],
        "cert_no": written.id_no[row], "phone": written.mobile(row, since[row]),
        "salary": np.round(people.income[who[row]] / 12 * 92).astype(np.int64), "from_date": since[row], "to_date": ended,
        "updated_on": day,
    }, day)  # fmt: skip
