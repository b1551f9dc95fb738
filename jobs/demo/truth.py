"""Truth about the demonstration bank, written apart: only benchmarks and tests may read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.demo import churn
from jobs.demo.arrays import NO_DATE, Floats, Ints
from jobs.demo.block import Block
from jobs.demo.catalogue import CREDIT_CARD, FUND, INSURANCE, KINDS, LOAN, MORTGAGE, TERM, WEALTH
from jobs.demo.formats import typed
from jobs.demo.people import EDUCATIONS, MARITAL, OCCUPATIONS
from jobs.demo.places import CITY, DISTRICT, PROVINCE
from jobs.demo.span import day_date

COST_TO_SERVE = 60.0
"""Yuan a customer and year."""


def _dates(days: Ints) -> pa.Array:
    return typed(days, "date")


def record_person(block: Block) -> pa.Table:
    """One row per source record: which person (P…) or company (O…) it is."""
    parts = block.identities
    return pa.table({
        "system": np.repeat([p.system for p in parts], [len(p.key) for p in parts]),
        "table": np.repeat([p.table for p in parts], [len(p.key) for p in parts]),
        "key": np.concatenate([p.key for p in parts]), "person_id": np.concatenate([p.entity for p in parts]),
    })  # fmt: skip


def person(block: Block) -> pa.Table:
    """One row per person: true attributes at the end of the span, and the values before they changed."""
    people, end = block.people, block.span.end
    told, moved = people.phone_changed <= end, people.moved <= end
    place = people.address.or_else(moved | (people.moved >= NO_DATE), people.old_address)
    mobile = np.where(told | (people.phone_changed >= NO_DATE), people.mobile, people.old_mobile)
    return pa.table({
        "person_id": people.ids, "household_id": people.household + people.first, "full_name": people.full_name,
        "latin_name": people.latin_name, "sex": np.where(people.female, "F", "M"), "birth_date": _dates(people.birth),
        "id_type": people.id_type, "id_no": people.id_no, "mobile": mobile,
        "old_mobile": np.where(told, people.old_mobile, ""), "phone_changed_on": _dates(people.phone_changed),
        "region": PROVINCE[place.district], "city": CITY[place.district], "district": DISTRICT[place.district],
        "street": place.line, "moved_on": _dates(people.moved), "email": people.email,
        "occupation": np.array(OCCUPATIONS)[people.occupation], "education": np.array(EDUCATIONS)[people.education],
        "marital_status": np.array(MARITAL)[people.marital], "annual_income": people.income,
        "customer_since": _dates(people.since), "satisfaction": people.satisfaction, "wealth": people.wealth,
    })  # fmt: skip


def company(block: Block) -> pa.Table:
    """One row per company: registered name, code, and the person who represents it by law."""
    firms = block.companies
    return pa.table({
        "company_id": firms.ids, "name": firms.name, "uscc": firms.code, "industry": firms.industry, "city": firms.city,
        "legal_representative": block.people.ids[firms.legal_rep],
    })  # fmt: skip


def relationship(block: Block) -> pa.Table:
    """One row per true tie: spouse, parent (of the other), employer, legal representative, shareholder."""
    people, firms, ids = block.people, block.companies, block.people.ids
    parts = []
    for kind, other in (("spouse", people.spouse), ("child_of", people.parent)):
        rows = np.flatnonzero(other >= 0)
        parts.append((ids[rows], kind, ids[other[rows]], np.full(len(rows), np.nan)))
    staff = np.flatnonzero(people.employer >= 0)
    parts.append((ids[staff], "employed_by", firms.ids[people.employer[staff]], np.full(len(staff), np.nan)))
    parts.append((ids[firms.legal_rep], "legal_representative", firms.ids, np.full(len(firms), np.nan)))
    owner = np.where(firms.holder_person >= 0, ids[firms.holder_person], firms.ids[firms.holder_company])
    parts.append((owner, "shareholder", firms.ids[firms.held], firms.share))
    return pa.table({
        "entity_id": np.concatenate([p[0] for p in parts]), "kind": np.repeat([p[1] for p in parts], [len(p[0]) for p in parts]),
        "other_id": np.concatenate([p[2] for p in parts]), "share": pa.array(np.concatenate([p[3] for p in parts]), from_pandas=True),
    })  # fmt: skip


def churn_hazard(block: Block) -> pa.Table:
    """One row per customer and month end: the true probability of being gone within six months."""
    who, month = np.nonzero(~np.isnan(block.life.gone_6m))
    return pa.table({
        "person_id": block.people.ids[who], "as_of": _dates(block.span.month_ends[month]),
        "probability_6m": block.life.gone_6m[who, month], "leaving": block.life.leaving[who, month],
    })  # fmt: skip


def churned(block: Block) -> pa.Table:
    """One row per customer who goes, up to a year past the end: when, and whether by closing or by dormancy."""
    who = np.flatnonzero(block.life.gone < NO_DATE)
    return pa.table({
        "person_id": block.people.ids[who], "gone_on": _dates(block.life.gone[who]),
        "kind": np.where(block.life.dormant[who], "dormant", "closed"), "observed": block.life.gone[who] <= block.span.end,
    })  # fmt: skip


def treatment_effect(block: Block) -> pa.Table:
    """One row per customer and campaign: arm, chance of adoption untreated, true effect, what happened."""
    book = block.life.offers
    codes = np.array([c.code for c in block.plan] or [""])
    arm = np.array(["treated", "hold_out", "not_contacted"])[book.column("arm").astype(np.int64)]
    return pa.table({
        "campaign_id": codes[book.column("campaign")], "person_id": block.people.ids[book.column("person")], "arm": arm,
        "assigned_on": _dates(book.column("assigned")), "base_probability": book.column("base").astype(np.float64),
        "effect": book.column("effect").astype(np.float64), "adopted": book.column("adopted") >= 0,
    })  # fmt: skip


def monthly_profit(block: Block) -> Floats:
    """Yuan a month that each customer brings while they stay: margins on balances, fees, less the cost to serve."""
    end, people, owned = block.span.end, block.people, block.life.owned <= block.span.end
    profit = block.flows.balance[:, -1] / 100 * 0.018 - COST_TO_SERVE
    for kind, margin in ((TERM, 0.007), (FUND, 0.009), (WEALTH, 0.008)):
        profit = profit + owned[:, kind] * block.invested[:, kind] / 100 * margin
    profit = profit + owned[:, CREDIT_CARD] * (100 + people.income * 0.004) + owned[:, INSURANCE] * 500
    loans = block.loans
    interest = (
        loans.outstanding(end)
        / 100
        * np.select([loans.kind == LOAN, loans.kind == MORTGAGE], [0.04, 0.016], 0.03)
    )
    mine = loans.person >= 0
    return np.asarray(profit + np.bincount(loans.person[mine], interest[mine], len(people))) / 12


def future_value(block: Block) -> pa.Table:
    """One row per customer at the end: expected profit of the next twelve months, and the chances of staying."""
    here = np.flatnonzero((block.people.since <= block.span.end) & (block.life.gone > block.span.end))
    stays = 1 - block.life.gone_curve[here]
    fading = np.where(
        block.life.leaving[here, block.span.months - 1][:, None], churn.DECAY ** np.arange(1, 13), 1.0
    )
    profit = monthly_profit(block)[here]
    return pa.table({
        "person_id": block.people.ids[here], "as_of": pa.repeat(pa.scalar(day_date(block.span.end)), len(here)),
        "expected_profit_12m": (profit[:, None] * stays * fading).sum(axis=1), "monthly_profit": profit,
        "probability_gone_12m": block.life.gone_curve[here, -1],
    })  # fmt: skip


def propensity(block: Block) -> pa.Table:
    """One row per customer at the end and kind of product not owned: the chance of adoption within six months."""
    here = (block.people.since <= block.span.end) & (block.life.gone > block.span.end)
    who, kind = np.nonzero(here[:, None] & (block.life.owned > block.span.end))
    return pa.table({
        "person_id": block.people.ids[who], "kind": np.array(KINDS)[kind],
        "probability_6m": block.life.adoption_6m[who, kind],
    })  # fmt: skip


TABLES: dict[str, Callable[[Block], pa.Table]] = {
    "record_person": record_person, "person": person, "company": company, "relationship": relationship,
    "churn_hazard": churn_hazard, "churned": churned, "treatment_effect": treatment_effect,
    "future_value": future_value, "propensity": propensity,
}  # fmt: skip


class Book:
    """Writes the truth of a stripe of blocks."""

    def __init__(self, folder: Path, stripe: int) -> None:
        self._folder, self._stripe = folder, stripe
        self._open: dict[str, pq.ParquetWriter] = {}

    def write(self, block: Block) -> None:
        """Append the truth of one block; its extracts have been made before."""
        for name, build in TABLES.items():
            table = build(block)
            if name not in self._open:
                path = self._folder / f"{name}.{self._stripe}.parquet"
                self._open[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
            self._open[name].write_table(table)

    def finish(self) -> None:
        """Close the files."""
        for writer in self._open.values():
            writer.close()


def join(folder: Path) -> None:
    """Put the stripes of each table together into one file, row group by row group."""
    for name in TABLES:
        parts = sorted(folder.glob(f"{name}.*.parquet"))
        with pq.ParquetWriter(
            folder / f"{name}.parquet", pq.read_schema(parts[0]), compression="zstd"
        ) as joined:
            for part in parts:
                file = pq.ParquetFile(part)
                for group in range(file.num_row_groups):
                    joined.write_table(file.read_row_group(group))
                part.unlink()
