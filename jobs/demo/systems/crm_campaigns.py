"""CRM campaigns: the list, whom they were assigned to (with hold-out and not contacted), and responses; CSV, quoted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.demo.arrays import NO_DATE, Ints, Texts
from jobs.demo.block import Block
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.offers import TREATED

STYLE = Style("delimited", "csv", quoted=True)
CAMPAIGNS = Layout("crm", "campaigns", STYLE, (
    Field("campaign_code"), Field("product_code"), Field("purpose"), Field("channel"), Field("starts_on", "date"),
    Field("ends_on", "date"), Field("planned_on", "date"),
))  # fmt: skip
CAMPAIGN_CONTACTS = Layout("crm", "campaign_contacts", STYLE, (
    Field("assignment_id", "int"), Field("campaign_code"), Field("contact_id"), Field("assigned_on", "date"),
    Field("contacted_on", "date"), Field("channel"), Field("variant"), Field("arm"), Field("cost", "money"),
), totals=("cost",))  # fmt: skip
CAMPAIGN_RESPONSES = Layout("crm", "campaign_responses", STYLE, (
    Field("response_id", "int"), Field("assignment_id", "int"), Field("campaign_code"), Field("contact_id"),
    Field("responded_on", "date"), Field("response"), Field("value", "money"),
))  # fmt: skip
LAYOUTS = (CAMPAIGNS, CAMPAIGN_CONTACTS, CAMPAIGN_RESPONSES)
ARMS = np.array(["T", "H", "N"])
PLANNED_BEFORE = 10


def extracts(block: Block, contact_of: Ints, ids: Texts) -> Iterator[Extract]:
    """People without a contact in CRM can't be assigned: their part of the experiment is never seen."""
    if block.number == 0:
        yield _campaigns(block)
    book, rng = block.life.offers, block.streams("campaign contacts")
    person, arm = book.column("person").astype(np.int64), book.column("arm").astype(np.int64)
    seen = contact_of[person] >= 0
    number, assigned = book.column("campaign")[seen], book.column("assigned")[seen]
    person, arm, adopted = person[seen], arm[seen], book.column("adopted")[seen]
    codes = np.array([c.code for c in block.plan] or [""])
    channels = np.array([c.channel.upper() for c in block.plan] or [""])
    costs = np.array([round(c.cost * 100) for c in block.plan] or [0])
    treated = arm == TREATED
    contact, serial = ids[contact_of[person]], block.serials(len(person))
    variant = np.where(treated, np.where(rng.random(len(person)) < 0.5, "A", "B"), "")
    yield Extract(CAMPAIGN_CONTACTS, {
        "assignment_id": serial, "campaign_code": codes[number], "contact_id": contact, "assigned_on": assigned,
        "contacted_on": np.where(treated, assigned, NO_DATE), "channel": np.where(treated, channels[number], ""),
        "variant": variant, "arm": ARMS[arm], "cost": np.where(treated, costs[number], 0),
    }, assigned)  # fmt: skip
    yield _responses(block, rng, person, treated, adopted, assigned, codes[number], contact, serial)


def _campaigns(block: Block) -> Extract:
    plan = block.plan
    planned = np.array([max(c.starts - PLANNED_BEFORE, block.span.start) for c in plan], np.int64)
    return Extract(CAMPAIGNS, {
        "campaign_code": np.array([c.code for c in plan], str), "product_code": np.array([c.product for c in plan], str),
        "purpose": np.full(len(plan), "MKT"), "channel": np.array([c.channel.upper() for c in plan], str),
        "starts_on": np.array([c.starts for c in plan], np.int64), "ends_on": np.array([c.ends for c in plan], np.int64),
        "planned_on": planned,
    }, planned)  # fmt: skip


def _responses(block: Block, rng: np.random.Generator, person: Ints, treated: Ints, adopted: Ints, assigned: Ints,
               code: Texts, contact: Texts, serial: Ints) -> Extract:  # fmt: skip
    """Opened, clicked and declined come from those contacted; converted is measured in every arm."""
    people, size = block.people, len(person)
    keen = 0.25 + 0.4 * people.digital[person]
    opened = treated & (rng.random(size) < keen)
    clicked = opened & ((rng.random(size) < 0.35) | (adopted >= 0))
    declined = treated & (rng.random(size) < 0.04) & (adopted < 0)
    parts = []
    value = (people.income[person] * 0.002 * 100).astype(np.int64)
    for name, mask, day in (
        ("OPEN", opened, assigned + rng.integers(0, 3, size)), ("CLICK", clicked, assigned + rng.integers(1, 4, size)),
        ("NO", declined, assigned + rng.integers(0, 5, size)), ("BUY", adopted >= 0, adopted),
    ):  # fmt: skip
        rows = np.flatnonzero(mask)
        parts.append(
            (
                rows,
                day[rows],
                np.full(len(rows), name),
                value[rows] if name == "BUY" else np.zeros(len(rows), np.int64),
            )
        )
    row, day, response, worth = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Extract(CAMPAIGN_RESPONSES, {
        "response_id": block.serials(len(row)), "assignment_id": serial[row], "campaign_code": code[row],
        "contact_id": contact[row], "responded_on": day, "response": response, "value": worth,
    }, day)  # fmt: skip
