"""identity.match_record follows the change: what one party's news touches is made anew, the rest stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows

D1, D2 = date(2024, 1, 1), date(2024, 1, 2)


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
