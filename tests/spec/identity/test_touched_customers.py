"""identity.golden_record follows the change: the customers with news are made anew, all others stand as they were."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core import writing
from jobs.core.ledger import Entry
from jobs.identity import correction, golden_record
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows

D1, D2 = date(2024, 1, 1), date(2024, 1, 2)
GOLDEN: Final = ("identity.golden_record", "identity.golden_identity", "identity.golden_lineage")
OWNERS: Final = {"core|1": "C1", "crm|1": "C1", "core|2": "C2", "crm|2": "C3"}


def run(book: Book, as_of: date, **asked: Any) -> Entry:
    return book.run(as_of, job=golden_record.JOB, **asked)


def standing(book: Book) -> dict[str, list[Any]]:
    return {t: sorted(map(str, book.lake.read(book.spark, t).collect())) for t in GOLDEN}


@pytest.fixture
def book(spark: SparkSession, bank: Bank, silver: Rows, tmp_path: Path) -> Book:
    made = Book(spark, bank, silver, tmp_path / "lake")
    made.deliver(
        party=[{"party_id": p, "kind": "person", "sex": "F"} for p in OWNERS],
        party_name=[{"party_id": p, "full_name": f"名{p}"} for p in OWNERS],
    )
    made.own(OWNERS)
    made.run(D1, job=correction.JOB)
    run(made, D1)
    return made


@pytest.mark.parametrize("light", [0, writing.LIGHT], ids=["merged", "written anew"])
def test_news_of_a_record_makes_its_customer_anew(
    book: Book, light: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LIGHT", light)
    before = standing(book)
    book.deliver(party=[{"party_id": "core|2", "kind": "person", "sex": "M", "on": D2}])
    entry = run(book, D2)
    assert (entry.rows_in, entry.rows_out) == (1, 1)
    rows = {r["customer_id"]: r["sex"] for r in book.lake.read(book.spark, GOLDEN[0]).collect()}
    assert rows == {"C1": "F", "C2": "M", "C3": "F"}
    assert standing(book)[GOLDEN[1]] == before[GOLDEN[1]], "names stand"


@pytest.mark.parametrize("light", [0, writing.LIGHT], ids=["merged", "written anew"])
def test_whoever_loses_or_gains_a_record_is_made_anew_and_who_has_none_is_gone(
    book: Book, light: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LIGHT", light)
    book.own({"crm|1": "C2", "crm|2": "C2"})
    assert run(book, D2).rows_in == 2, "C1 without crm|1 and C2; C3 has no record left"
    rows = {r["customer_id"]: r["records"] for r in book.lake.read(book.spark, GOLDEN[0]).collect()}
    assert rows == {"C1": 1, "C2": 3}
    followed = standing(book)
    # Other code makes every row anew from the same input: nothing differs.
    assert run(book, D2, code="c2").rows_in == 2
    assert standing(book) == followed


def test_an_erased_record_leaves_its_customer(book: Book) -> None:
    book.own({}, gone=("crm|1",))
    assert run(book, D2).rows_in == 1
    (one,) = book.lake.read(book.spark, GOLDEN[0]).where("customer_id = 'C1'").collect()
    assert one["records"] == 1


def test_without_news_nothing_is_committed(book: Book) -> None:
    versions = [book.lake.version(t) for t in GOLDEN]
    assert run(book, D2).outcome == "unchanged"
    assert [book.lake.version(t) for t in GOLDEN] == versions


def test_a_correction_makes_its_customer_anew_and_goes_with_the_record(book: Book, tmp_path: Path) -> None:
    def correct(text: str) -> dict[str, Any]:
        file = tmp_path / "said.csv"
        file.write_text(
            "record,attribute,correction,value,author,reason,decided_at\n" + text, encoding="utf-8"
        )
        told: dict[str, Any] = json.loads(book.steward("correct", file, "--json").stdout)
        assert book.run(D2, job=correction.JOB).outcome == "written"
        return told

    def sexes() -> dict[str, str]:
        return {r["customer_id"]: r["sex"] for r in book.lake.read(book.spark, GOLDEN[0]).collect()}

    said = "core|2,sex,set,M,li,passport seen,2024-01-01T09:00\n"
    assert correct(said) == {"taken": 1, "known_before": 0, "left_open": 0, "in_force": 1}
    assert run(book, D2).rows_in == 1, "one customer has news"
    assert sexes() == {"C1": "F", "C2": "M", "C3": "F"}
    book.own({"core|2": "C1"})
    assert run(book, D2).rows_in == 1, "C1; C2 has no record left"
    assert sexes() == {"C1": "M", "C3": "F"}
    assert correct("core|2,sex,withdraw,,he,wrong person,2024-01-01T10:00\n")["done"] == 1
    run(book, D2)
    assert sexes() == {"C1": "F", "C3": "F"}
    listed = json.loads(book.steward("corrections", "--json").stdout)
    assert listed["statuses"] == {"done": 1, "withdrawn": 1}
    assert json.loads(book.steward("correct", tmp_path / "said.csv", "--json").stdout)["known_before"] == 1


def test_what_could_never_hold_is_refused_before_anything_is_written(book: Book, tmp_path: Path) -> None:
    def refused(*rows: str) -> str:
        file = tmp_path / "said.csv"
        text = "".join(f"{row},li,why,2024-01-01\n" for row in rows)
        file.write_text(
            "record,attribute,correction,value,author,reason,decided_at\n" + text, encoding="utf-8"
        )
        done = book.steward("correct", file)
        assert done.returncode == 3
        return done.stderr

    version = book.lake.version(correction.JOB.table)
    assert "line 2: the book has no record 'core|9'" in refused("core|9,sex,set,M")
    told = refused(
        "core|1,sex,set,X",
        "core|1,mobile,set,13800000000",
        "core|1,birth_date,reject,1.5.1980",
        "core|1,sex,set,M",
    )
    assert "line 2: the value could never win, for `valid` of sex refuses it" in told
    assert "line 3: the value can't be read as mobile" in told
    assert "line 4: the value can't be read as birth_date" in told
    assert not any(value in told for value in ("line 5", "1380", "1.5.1980")), (
        "no row that is sound, no value"
    )
    assert book.lake.version(correction.JOB.table) == version
