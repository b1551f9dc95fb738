"""Credit: borrowers and guarantors, loans, repayment schedule, arrears, guarantees; CSV, UTF-8 with BOM."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.demo.arrays import NO_DATE, NO_NUMBER, Ints, Texts, digits, glue
from jobs.demo.block import Block
from jobs.demo.catalogue import LOAN, MORTGAGE
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style
from jobs.demo.places import CITY, DISTRICT, PROVINCE
from jobs.demo.systems.core import coded
from jobs.demo.written import versions

STYLE = Style("delimited", "csv", bom=True)
BORROWERS = Layout("credit", "borrowers", STYLE, (
    Field("borrower_id"), Field("borrower_type"), Field("name"), Field("sex"), Field("birth_date", "date"), Field("cert_type"),
    Field("cert_no"), Field("mobile"), Field("home_phone"), Field("address"), Field("employer_industry"), Field("marital"),
    Field("education"), Field("yearly_income", "int"), Field("created_on", "date"), Field("updated_on", "date"),
))  # fmt: skip
LOANS = Layout("credit", "loans", STYLE, (
    Field("loan_no"), Field("borrower_id"), Field("product_code"), Field("currency"), Field("amount", "money"),
    Field("rate_year", "rate"), Field("term_months", "int"), Field("instalment", "money"), Field("granted_on", "date"),
    Field("matures_on", "date"), Field("closed_on", "date"), Field("status"), Field("updated_on", "date"),
))  # fmt: skip
REPAYMENTS = Layout("credit", "repayments", STYLE, (
    Field("repay_no"), Field("loan_no"), Field("due_on", "date"), Field("due_amount", "money"), Field("paid_on", "date"),
    Field("paid_amount", "money"), Field("posted_on", "date"),
), totals=("due_amount",))  # fmt: skip
ARREARS = Layout("credit", "arrears", STYLE, (
    Field("loan_no"), Field("report_date", "date"), Field("days_overdue", "int"), Field("overdue_amount", "money"),
), totals=("overdue_amount",))  # fmt: skip
GUARANTEES = Layout("credit", "guarantees", STYLE, (
    Field("guarantee_no"), Field("loan_no"), Field("borrower_id"), Field("guarantor_id"), Field("amount", "money"), Field("signed_on", "date"),
))  # fmt: skip
LAYOUTS = (BORROWERS, LOANS, REPAYMENTS, ARREARS, GUARANTEES)

TYPES = np.array(["ID", "PP", "HM"])
MARITAL_CODES = np.array(["S", "M", "D", "W"])
EDUCATION_CODES = np.array(["E1", "E2", "E3", "E4", "E5"])
NEVER_PAID_AFTER = 90


def extracts(block: Block) -> Iterator[Extract]:
    """Guarantors are borrowers without a loan of their own; some people were entered again for a second loan."""
    rng, loans = block.streams("credit"), block.loans
    guarantor = _guarantors(rng, block)
    owners = loans.person >= 0
    twice = np.flatnonzero(
        owners & (loans.kind == LOAN) & np.isin(loans.person, loans.person[loans.kind == MORTGAGE])
    )
    twice = twice[rng.random(len(twice)) < 0.15]
    backed = np.flatnonzero(guarantor >= 0)
    person = np.unique(np.concatenate([loans.person[owners], guarantor[backed]]))
    first = np.full(len(block.people), NO_DATE)
    np.minimum.at(first, loans.person[owners], loans.granted[owners] - 5)
    np.minimum.at(first, guarantor[backed], loans.granted[backed] - 5)
    who = np.concatenate([person, loans.person[twice]])
    created = np.concatenate([first[person], loans.granted[twice] - 5])
    firms = np.unique(loans.company[~owners])
    ids = block.keys("BR", len(who) + len(firms), 23)
    record = np.where(
        owners, np.searchsorted(person, loans.person), len(who) + np.searchsorted(firms, loans.company)
    )
    record[twice] = len(person) + np.arange(len(twice))
    loan_no = block.keys("LN", len(loans), 29)
    yield _people(block, who, created, ids, len(person)).break_cells(
        rng, "updated_on", ["2025-02-30", "31/12/2025"]
    )
    yield _firms(block, firms, ids[len(who) :])
    yield _loans(block, ids[record], loan_no)
    yield _repayments(block, loan_no)
    yield _arrears(block, loan_no)
    yield _guarantees(block, backed, ids[np.searchsorted(person, guarantor[backed])], ids[record], loan_no)


def _guarantors(rng: np.random.Generator, block: Block) -> Ints:
    """The person who stands for each loan, or -1: a spouse, the company's legal representative, a friend."""
    loans, people = block.loans, block.people
    spouse = np.where(
        loans.person >= 0, people.spouse[loans.person], block.companies.legal_rep[loans.company]
    )
    friend = rng.integers(0, len(people), len(loans))
    chosen = np.where(spouse >= 0, spouse, friend)
    backed = rng.random(len(loans)) < np.where(loans.person >= 0, 0.22, 0.7)
    grown = (
        people.age(loans.granted.clip(None, block.span.end + 400).mean() if len(loans) else 0)[chosen] > 20
    )
    return np.where(backed & grown & (chosen != loans.person), chosen, -1)


def _people(block: Block, who: Ints, created: Ints, ids: Texts, firsts: int) -> Extract:
    rng, people, span = block.streams("borrowers"), block.people, block.span
    again = np.arange(len(who)) >= firsts
    written = write_down(
        rng, people, who, created, again=again, error=0.6, told=0.6, id_missing=0.005, demography=0.3
    )
    block.know_people("credit", "borrowers", ids[: len(who)], who)
    block.written["credit.borrowers"] = written
    row, day = versions(span, written)
    place, line = written.address(row, day), written.address_line(row, day)
    income = written.income[row]
    full = np.where(
        line == "", "", glue(PROVINCE[place.district], CITY[place.district], DISTRICT[place.district], line)
    )
    return Extract(BORROWERS, {
        "borrower_id": ids[row], "borrower_type": np.full(len(row), "P"), "name": written.name[row],
        "sex": coded(written.female[row], np.array(["M", "F"])), "birth_date": written.birth[row],
        "cert_type": TYPES[written.id_type[row] - 1], "cert_no": written.id_no[row], "mobile": written.mobile(row, day),
        "home_phone": np.full(len(row), ""), "address": full, "employer_industry": np.full(len(row), ""),
        "marital": coded(written.marital[row], MARITAL_CODES), "education": coded(written.education[row], EDUCATION_CODES),
        "yearly_income": np.where(np.isnan(income), NO_NUMBER, np.nan_to_num(income)).astype(np.int64),
        "created_on": written.created[row], "updated_on": day,
    }, day)  # fmt: skip


def _firms(block: Block, firms: Ints, ids: Texts) -> Extract:
    companies, place = block.companies, block.companies.address.take(firms)
    block.know_companies("credit", "borrowers", ids, firms)
    empty, day = np.full(len(firms), ""), companies.borrowed[firms] - 5
    rng = block.streams("corporate borrowers")
    name = np.where(rng.random(len(firms)) < 0.15, companies.bracketed_name[firms], companies.name[firms])
    return Extract(BORROWERS, {
        "borrower_id": ids, "borrower_type": np.full(len(firms), "C"), "name": name, "sex": empty,
        "birth_date": np.full(len(firms), NO_DATE), "cert_type": np.full(len(firms), "UC"), "cert_no": companies.code[firms],
        "mobile": empty, "home_phone": companies.phone[firms],
        "address": glue(PROVINCE[place.district], CITY[place.district], DISTRICT[place.district], place.line),
        "employer_industry": companies.industry[firms], "marital": empty, "education": empty,
        "yearly_income": np.round(companies.turnover[firms]).astype(np.int64), "created_on": day, "updated_on": day,
    }, day)  # fmt: skip


def _loans(block: Block, borrower: Texts, loan_no: Texts) -> Extract:
    loans, span = block.loans, block.span
    bad = loans.days_past_due > NEVER_PAID_AFTER
    troubled = np.where(bad.any(axis=1), span.month_ends[bad.argmax(axis=1)], NO_DATE)
    row = np.tile(np.arange(len(loans)), 3)
    day = np.concatenate([loans.granted, loans.ends, np.where(troubled < loans.ends, troubled, NO_DATE)])
    row, day = row[day <= span.end], day[day <= span.end]
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    closed = day >= loans.ends[row]
    return Extract(LOANS, {
        "loan_no": loan_no[row], "borrower_id": borrower[row], "product_code": loans.product[row],
        "currency": np.full(len(row), "CNY"), "amount": loans.amount[row], "rate_year": loans.rate[row],
        "term_months": loans.term[row], "instalment": loans.instalment[row], "granted_on": loans.granted[row],
        "matures_on": loans.granted[row] + (loans.term[row] * 30.44).astype(np.int64),
        "closed_on": np.where(closed, loans.ends[row], NO_DATE),
        "status": np.select([closed, day >= troubled[row]], ["CLOSED", "OVERDUE"], "NORMAL"), "updated_on": day,
    }, day)  # fmt: skip


def _repayments(block: Block, loan_no: Texts) -> Extract:
    loans, span = block.loans, block.span
    loan, month = np.nonzero(loans.due & span.inside(loans.due_on))
    due, paid = loans.due_on[loan, month], loans.paid_on[loan, month]
    missed = paid > span.end + 400
    posted = np.where(missed, due + NEVER_PAID_AFTER, np.maximum(paid, span.start))
    amount = loans.instalment[loan]
    sequence = month - span.month_of(loans.granted[loan])
    return Extract(REPAYMENTS, {
        "repay_no": glue(loan_no[loan], "-", digits(sequence, 3)), "loan_no": loan_no[loan], "due_on": due, "due_amount": amount,
        "paid_on": np.where(missed, NO_DATE, paid), "paid_amount": np.where(missed, 0, amount), "posted_on": posted,
    }, posted)  # fmt: skip


def _arrears(block: Block, loan_no: Texts) -> Extract:
    loans, span = block.loans, block.span
    ends = span.month_ends[: span.months]
    loan, month = np.nonzero((loans.days_past_due > 0) & span.inside(ends))
    overdue = loans.days_past_due[loan, month]
    return Extract(ARREARS, {
        "loan_no": pa.array(loan_no).take(pa.array(loan)), "report_date": ends[month], "days_overdue": overdue,
        "overdue_amount": loans.instalment[loan] * (1 + overdue // 31),
    }, ends[month] + 1)  # fmt: skip


def _guarantees(block: Block, backed: Ints, guarantor: Texts, borrower: Texts, loan_no: Texts) -> Extract:
    loans = block.loans
    return Extract(GUARANTEES, {
        "guarantee_no": block.keys("GU", len(backed), 31), "loan_no": loan_no[backed], "borrower_id": borrower[backed],
        "guarantor_id": guarantor, "amount": loans.amount[backed], "signed_on": loans.granted[backed],
    }, loans.granted[backed])  # fmt: skip
