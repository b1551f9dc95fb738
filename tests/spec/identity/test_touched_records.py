"""identity.match_record follows the change: what one party's news touches is made anew, the rest stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.identity import match_record
from jobs.registry import registry
from tests.spec.identity.conftest import Rows

NAMES = ("party", "party_name", "identifier", "contact_point", "address")
D1, D2 = date(2024, 1, 1), date(2024, 1, 2)


class Book:
    """A lake with the tables that match_record reads, and a run of that one job for each day."""

    def __init__(self, spark: SparkSession, bank: Bank, silver: Rows, folder: Path) -> None:
        self.spark, self.bank, self.silver = spark, bank, silver
        self.lake = Lake(storage.as_uri(folder))
        self.ledger = open_ledger(self.lake.uri)

    def deliver(self, **tables: list[dict[str, Any]]) -> None:
        for name in NAMES:
            table, rows = f"silver.{name}", tables.get(name, [])
            if rows or self.lake.version(table) is None:
                self.lake.append(self.silver(name, *rows), table, registry().schemas[table], {})

    def run(self, as_of: date, *, code: str = "c1") -> Entry:
        run = Run(
            lake=self.lake, ledger=self.ledger, bank=self.bank, as_of=as_of, code=code,
            run_id=self.ledger.begin("demo", as_of, code, "f"), schemas=registry().schemas,
            champions=lambda _name, _version: None,
        )  # fmt: skip
        return Step(run, match_record.JOB, self.spark.newSession()).take()[0]

    def records(self) -> dict[str, list[str]]:
        rows = self.lake.read(self.spark, "identity.match_record").collect()
        return {r["record_id"]: [r["name"], *(r["phones"] or []), *(r["ids"] or [])] for r in rows}


@pytest.fixture
def book(spark: SparkSession, bank: Bank, silver: Rows, tmp_path: Path) -> Book:
    made = Book(spark, bank, silver, tmp_path / "lake")
    people = ("core|1", "core|2", "core|3")
    made.deliver(
        party=[{"party_id": p, "kind": "person"} for p in people],
        party_name=[
            {"party_id": p, "full_name": n} for p, n in zip(people, ("张小明", "李雷", "韩梅"), strict=True)
        ],
        contact_point=[{"party_id": "core|1", "kind": "mobile", "value": "13812345678"}],
        identifier=[
            {"party_id": "core|2", "scheme": "passport", "value": "E12345678", "identifier_id": "shared"}
        ],
    )
    made.run(D1)
    return made


def test_only_the_touched_are_made_anew_and_all_stand_as_if_rebuilt(book: Book) -> None:
    before = book.records()
    book.deliver(
        contact_point=[{"party_id": "core|1", "kind": "mobile", "value": "13912345679", "on": D2}],
        party=[{"party_id": "core|4", "kind": "person", "on": D2}],
    )
    entry = book.run(D2)
    assert (entry.rows_in, entry.rows_out) == (2, 2)
    after = book.records()
    assert after["core|1"] == ["张小明", "8613812345678", "8613912345679"]
    assert {k: after[k] for k in ("core|2", "core|3")} == {k: before[k] for k in ("core|2", "core|3")}
    # Other code may make other rows of the same input: everything is made anew, and nothing changes here.
    assert book.run(D2, code="c2").rows_in == 4
    assert book.records() == after


def test_a_number_that_moves_touches_its_earlier_holder(book: Book) -> None:
    book.deliver(
        identifier=[
            {"party_id": "core|3", "scheme": "passport", "value": "E12345678", "identifier_id": "shared", "on": D2}
        ]
    )  # fmt: skip
    assert book.run(D2).rows_in == 2
    rows = book.lake.read(book.spark, "identity.match_record").collect()
    assert {r["record_id"]: r["number"] for r in rows} == {
        "core|1": None,
        "core|2": None,
        "core|3": "passport:E12345678",
    }


def test_without_news_nothing_is_done(book: Book) -> None:
    assert book.run(D2).outcome == "unchanged"


def test_a_late_file_never_puts_a_newcomer_before_a_record_known_already(book: Book) -> None:
    earlier, d3 = date(2023, 12, 1), date(2024, 1, 3)
    book.deliver(party=[{"party_id": p, "kind": "person", "on": earlier} for p in ("core|1", "late|1")])
    book.run(D2)
    book.deliver(party=[{"party_id": "late|2", "kind": "person", "on": earlier}])
    book.run(D2)
    book.deliver(party=[{"party_id": "core|9", "kind": "person", "on": d3}])
    book.run(d3)
    rows = book.lake.read(book.spark, "identity.match_record").collect()
    ages = {r["record_id"]: (r["since"], r["late"]) for r in rows}
    assert ages["core|1"] == (D1, 0)
    assert sorted(ages, key=lambda r: (ages[r], r))[3:] == ["late|1", "late|2", "core|9"]
    assert ages["core|9"] == (d3, 0)
    # Other code, or a rebuild, makes every row anew: ages stand.
    book.run(d3, code="c2")
    again = book.lake.read(book.spark, "identity.match_record").collect()
    assert {r["record_id"]: (r["since"], r["late"]) for r in again} == ages
