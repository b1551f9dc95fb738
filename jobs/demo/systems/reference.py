"""Reference: product catalogue, branches, employees, watch list; CSV, UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.demo import names
from jobs.demo.arrays import NO_DATE, draw
from jobs.demo.block import Block
from jobs.demo.catalogue import PRODUCTS
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style

STYLE = Style("delimited", "csv")
PRODUCT_LIST = Layout("reference", "products", STYLE, (
    Field("product_code"), Field("product_name"), Field("family"), Field("margin", "rate"), Field("yearly_fee", "money"),
    Field("risk_level", "int"), Field("min_age", "int"), Field("max_age", "int"), Field("min_income", "int"), Field("on_sale"),
    Field("currency"), Field("updated_on", "date"),
))  # fmt: skip
BRANCHES = Layout("reference", "branches", STYLE, (
    Field("branch_code"), Field("branch_name"), Field("area_code"), Field("updated_on", "date"),
))  # fmt: skip
EMPLOYEES = Layout("reference", "employees", STYLE, (
    Field("employee_no"), Field("branch_code"), Field("role"), Field("updated_on", "date"),
))  # fmt: skip
WATCH_LIST = Layout("reference", "watch_list", STYLE, (
    Field("entry_no"), Field("list_name"), Field("kind"), Field("full_name"), Field("birth_date", "date"), Field("cert_type"),
    Field("cert_no"), Field("listed_on", "date"),
))  # fmt: skip
LAYOUTS = (PRODUCT_LIST, BRANCHES, EMPLOYEES, WATCH_LIST)
LISTED = 0.002
"""Watch-list entries by customer: half are customers, half are people who merely resemble some."""


def extracts(block: Block) -> Iterator[Extract]:
    """The catalogue and the network come with the first block; watch-list entries with each."""
    if block.number == 0:
        yield _products(block)
        network, opened = block.network, block.network.opened
        size, staff = len(network.branch), len(network.employee)
        days, hired = np.full(size, opened), np.full(staff, opened)
        yield Extract(BRANCHES, {
            "branch_code": network.branch, "branch_name": network.name, "area_code": network.area, "updated_on": days,
        }, days)  # fmt: skip
        yield Extract(EMPLOYEES, {
            "employee_no": network.employee, "branch_code": network.branch[network.post], "role": network.role,
            "updated_on": hired,
        }, hired)  # fmt: skip
    yield _watch_list(block)


def _products(block: Block) -> Extract:
    day = np.full(len(PRODUCTS), block.network.opened)
    return Extract(PRODUCT_LIST, {
        "product_code": np.array([p.code for p in PRODUCTS]), "product_name": np.array([p.name for p in PRODUCTS]),
        "family": np.array([p.family for p in PRODUCTS]), "margin": np.array([p.margin for p in PRODUCTS]),
        "yearly_fee": np.array([round(p.fee * 100) for p in PRODUCTS]), "risk_level": np.array([p.risk for p in PRODUCTS]),
        "min_age": np.array([p.min_age for p in PRODUCTS]), "max_age": np.array([p.max_age for p in PRODUCTS]),
        "min_income": np.array([p.min_income for p in PRODUCTS]), "on_sale": np.array(["Y" if p.on_sale else "N" for p in PRODUCTS]),
        "currency": np.full(len(PRODUCTS), "CNY"), "updated_on": day,
    }, day)  # fmt: skip


def _watch_list(block: Block) -> Extract:
    """Sanctions, politically exposed persons, the bank's own list; namesakes carry another birth date and id."""
    rng, people, span = block.streams("watch list"), block.people, block.span
    size = max(2, round(len(people) * LISTED))
    who = rng.choice(len(people), min(size, len(people)), replace=False)
    real = rng.random(len(who)) < 0.5
    ids = block.keys("WL", len(who), 79)
    block.know_people("reference", "watch_list", ids[real], who[real])
    lists = np.array(["SANC", "PEP", "INT"])[draw(rng, 3, len(who), [2, 3, 5])]
    with_id = real & (rng.random(len(who)) < 0.6)
    listed = span.start - 900 + rng.integers(0, span.end - span.start + 900, len(who))
    other = people.birth[who] + rng.integers(400, 4000, len(who))
    foreign = names.latin_names(people.surname[who], people.given[who], people.given2[who])
    return Extract(WATCH_LIST, {
        "entry_no": ids, "list_name": lists, "kind": np.full(len(who), "P"),
        "full_name": np.where(rng.random(len(who)) < 0.15, foreign, people.full_name[who]),
        "birth_date": np.where(real, people.birth[who], np.where(rng.random(len(who)) < 0.3, NO_DATE, other)),
        "cert_type": np.where(with_id, np.array(["ID", "PP", "HM"])[people.id_type[who] - 1], ""),
        "cert_no": np.where(with_id, people.id_no[who], ""), "listed_on": listed,
    }, listed)  # fmt: skip
