"""CRM: contacts, declared relations, consents, surveys; CSV, quoted. Campaigns and complaints have modules of their own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.demo.arrays import NO_DATE, NO_NUMBER, Ints, Texts, draw, glue
from jobs.demo.block import Block, repeated
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.places import CITY, DISTRICT, PROVINCE
from jobs.demo.systems import crm_campaigns, crm_complaints
from jobs.demo.systems.core import coded
from jobs.demo.written import Written, versions

STYLE = Style("delimited", "csv", quoted=True)
CONTACTS = Layout("crm", "contacts", STYLE, (
    Field("contact_id"), Field("name"), Field("sex"), Field("birthday", "date"), Field("idcard"), Field("passport"), Field("phone"),
    Field("phone2"), Field("email"), Field("province"), Field("city"), Field("district"), Field("address"),
    Field("occupation"), Field("education"), Field("marriage"), Field("income", "int"), Field("source_channel"),
    Field("created_on", "date"), Field("updated_on", "date"),
))  # fmt: skip
RELATIONS = Layout("crm", "relations", STYLE, (
    Field("relation_id"), Field("contact_id"), Field("related_contact_id"), Field("relation"), Field("declared_on", "date"),
))  # fmt: skip
CONSENTS = Layout("crm", "consents", STYLE, (
    Field("consent_id"), Field("contact_id"), Field("purpose"), Field("channel"), Field("granted"), Field("version"),
    Field("granted_on", "date"), Field("expires_on", "date"), Field("updated_on", "date"),
))  # fmt: skip
SURVEYS = Layout("crm", "surveys", STYLE, (
    Field("survey_id", "int"), Field("contact_id"), Field("survey_type"), Field("answered_on", "date"), Field("score", "int"),
))  # fmt: skip
LAYOUTS = (CONTACTS, RELATIONS, CONSENTS, SURVEYS, *crm_campaigns.LAYOUTS, *crm_complaints.LAYOUTS)

OCCUPATIONS = np.array(["学生", "企业职员", "企业管理人员", "公务员", "个体经营", "工人", "退休", "无业"])
EDUCATIONS = np.array(["小学", "中学", "大专", "本科", "硕士及以上"])
MARITAL = np.array(["未婚", "已婚", "离异", "丧偶"])
COVERAGE, SECOND_RECORD = 0.9, 0.06
CONSENTS_ASKED = (
    ("MKT", "SMS", 0.72),
    ("MKT", "APP", 0.66),
    ("MKT", "CALL", 0.48),
    ("PROF", "ANY", 0.78),
    ("TPS", "ANY", 0.2),
)


def extracts(block: Block) -> Iterator[Extract]:
    """Nine people in ten have a contact; some have two. Facts hang on the first contact."""
    rng, people = block.streams("crm"), block.people
    known = np.flatnonzero(rng.random(len(people)) < COVERAGE)
    created = people.since[known] + rng.integers(0, 60, len(known))
    again = repeated(rng, SECOND_RECORD, known)
    who = np.concatenate([known, known[again]])
    created = np.concatenate([created, created[again] + rng.integers(100, 1500, int(again.sum()))])
    ids = block.keys("CT", len(who), 47)
    contact_of = np.full(len(people), -1)
    contact_of[known] = np.arange(len(known))
    written = _written(block, who, created, len(known), ids)
    yield _contacts(block, written, ids).break_cells(
        rng, "income", ["120,000", "８００００", "8.5E4", "约10万"]
    )
    yield _relations(block, contact_of, created, ids)
    yield _consents(block, created[: len(known)], ids[: len(known)], known)
    yield _surveys(block, contact_of, ids)
    yield from crm_campaigns.extracts(block, contact_of, ids)
    yield from crm_complaints.extracts(block, contact_of, ids)


def _written(block: Block, who: Ints, created: Ints, firsts: int, ids: Texts) -> Written:
    rng = block.streams("crm contacts")
    again = np.arange(len(who)) >= firsts
    written = write_down(
        rng, block.people, who, created, again=again, error=1.5, told=0.45, id_missing=0.18, demography=2.0
    )
    block.know_people("crm", "contacts", ids, who)
    block.written["crm.contacts"] = written
    return written


def _contacts(block: Block, written: Written, ids: Texts) -> Extract:
    people, who = block.people, written.person
    rng = block.streams("crm second phones")
    row, day = versions(block.span, written)
    place, income = written.address(row, day), written.income[row]
    foreign = people.id_type[who][row] > 1
    spouse = people.spouse[who]
    second = np.where((spouse >= 0) & (rng.random(len(who)) < 0.15), people.mobile[spouse], "")
    source = np.array(["网点", "手机银行", "官网", "电话"])[draw(rng, 4, len(who), [5, 3, 1, 1])]
    return Extract(CONTACTS, {
        "contact_id": ids[row], "name": written.name[row], "sex": coded(written.female[row], np.array(["男", "女"])),
        "birthday": written.birth[row], "idcard": np.where(foreign, "", written.id_no[row]),
        "passport": np.where(foreign, written.id_no[row], ""), "phone": written.mobile(row, day), "phone2": second[row],
        "email": written.email[row], "province": PROVINCE[place.district], "city": CITY[place.district],
        "district": DISTRICT[place.district], "address": written.address_line(row, day),
        "occupation": coded(written.occupation[row], OCCUPATIONS), "education": coded(written.education[row], EDUCATIONS),
        "marriage": coded(written.marital[row], MARITAL),
        "income": np.where(np.isnan(income), NO_NUMBER, np.nan_to_num(income)).astype(np.int64),
        "source_channel": source[row], "created_on": written.created[row], "updated_on": day,
    }, day)  # fmt: skip


def _relations(block: Block, contact_of: Ints, created: Ints, ids: Texts) -> Extract:
    """Spouses and parents that customers have named, for about half of those the bank could know."""
    rng, people = block.streams("crm relations"), block.people
    spouse, child = (
        np.flatnonzero((people.role == 1) & (people.spouse >= 0)),
        np.flatnonzero(people.parent >= 0),
    )
    one, other = (
        np.concatenate([spouse, child]),
        np.concatenate([people.spouse[spouse], people.parent[child]]),
    )
    kind = np.repeat(["配偶", "父母"], [len(spouse), len(child)])
    known = (contact_of[one] >= 0) & (contact_of[other] >= 0) & (rng.random(len(one)) < 0.5)
    left, right, kind = contact_of[one[known]], contact_of[other[known]], kind[known]
    day = np.maximum(created[left], created[right]) + rng.integers(0, 30, len(left))
    return Extract(RELATIONS, {
        "relation_id": block.keys("RL", len(left), 53), "contact_id": ids[left], "related_contact_id": ids[right],
        "relation": kind, "declared_on": day,
    }, day)  # fmt: skip


def _consents(block: Block, created: Ints, ids: Texts, who: Ints) -> Extract:
    """Consent by purpose and channel: given or refused at the start, withdrawn by some, renewed in a new version."""
    rng, span = block.streams("consents"), block.span
    parts: dict[str, list[np.ndarray]] = {}
    for number, (purpose, channel, share) in enumerate(CONSENTS_ASKED):
        size = len(who)
        granted = rng.random(size) < share
        start = np.maximum(created, span.start - 900 + rng.integers(0, 300, size))
        withdrawn = np.where(
            granted & (rng.random(size) < 0.08), start + rng.integers(60, 1500, size), NO_DATE
        )
        renewed = np.where(
            granted & (withdrawn >= NO_DATE) & (rng.random(size) < 0.8),
            start + 1095 - rng.integers(0, 40, size),
            NO_DATE,
        )
        for state, day in (("first", start), ("withdrawn", withdrawn), ("renewed", renewed)):
            rows = np.flatnonzero(day <= span.end)
            yes = np.zeros(len(rows), bool) if state == "withdrawn" else granted[rows]
            given = np.where(state == "withdrawn", start[rows], day[rows])
            made = {
                "consent_id": glue(ids[rows], "-", str(number + 1)), "contact_id": ids[rows], "purpose": np.full(len(rows), purpose),
                "channel": np.full(len(rows), channel), "granted": np.where(yes, "Y", "N"),
                "version": np.full(len(rows), "V2" if state == "renewed" else "V1"), "granted_on": given,
                "expires_on": np.where(yes, given + 1095, NO_DATE), "updated_on": day[rows],
            }  # fmt: skip
            for name, values in made.items():
                parts.setdefault(name, []).append(values)
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    return Extract(CONSENTS, columns, columns["updated_on"])


def _surveys(block: Block, contact_of: Ints, ids: Texts) -> Extract:
    """Answers to quarterly surveys: satisfaction, less what was complained about, with noise."""
    rng, span, people, life = block.streams("surveys"), block.span, block.people, block.life
    day = span.month_starts[: span.months] + rng.integers(0, 28, (len(people), span.months))
    asked = (rng.random(day.shape) < 0.07) & (contact_of >= 0)[:, None] & span.inside(day)
    asked &= (day > people.since[:, None] + 30) & (day < life.gone[:, None])
    who, month = np.nonzero(asked)
    feeling = people.satisfaction[who] - 0.6 * life.complaints[who, month] - 0.4 * life.leaving[who, month]
    feeling = feeling + rng.normal(0, 0.5, len(who))
    nps = rng.random(len(who)) < 0.6
    score = np.where(nps, np.round(7 + 1.9 * feeling).clip(0, 10), np.round(3.8 + feeling).clip(1, 5)).astype(
        np.int64
    )
    when = day[who, month]
    return Extract(SURVEYS, {
        "survey_id": block.serials(len(who)), "contact_id": ids[contact_of[who]], "survey_type": np.where(nps, "NPS", "CSAT"),
        "answered_on": when, "score": score,
    }, when)  # fmt: skip
