"""identity.golden_record follows the change: the customers with news are made anew, all others stand as they were."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from jobs.core import writing
from jobs.core.changes import CHANGE, DELETED, kind
from jobs.core.ledger import Entry
from jobs.identity import golden_record
from jobs.registry import registry
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows

D1, D2 = date(2024, 1, 1), date(2024, 1, 2)
CROSSWALK: Final = "identity.crosswalk"
GOLDEN: Final = ("identity.golden_record", "identity.golden_identity", "identity.golden_lineage")
OWNERS: Final = {"core|1": "C1", "crm|1": "C1", "core|2": "C2", "crm|2": "C3"}


def owned(book: Book, owners: dict[str, str], *, gone: tuple[str, ...] = ()) -> None:
    """Bring the crosswalk to these owners, as its own job would: only rows that differ are committed."""
    schema = registry().schemas[CROSSWALK]
    rows = [(p, c, p.split("|")[0], "person", D1, True, None, "alone", None, p) for p, c in owners.items()]
    new = book.spark.createDataFrame(rows, schema.spark)
    if book.lake.version(CROSSWALK) is None:
        book.lake.append(new, CROSSWALK, schema, {})
        return
    left = book.spark.createDataFrame([(p, *[None] * 9) for p in gone], schema.spark)
    known = book.lake.read(book.spark, CROSSWALK).select("party_id", F.lit(True).alias("_known"))
    fresh = new.join(known, on="party_id", how="left").withColumn(
        CHANGE, kind(F.lit(True), F.col("_known").isNotNull())
    )
    diff = fresh.drop("_known").unionByName(left.withColumn(CHANGE, F.lit(DELETED)))
    book.lake.merge(diff, CROSSWALK, schema, {})


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
    owned(made, OWNERS)
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
    owned(book, {"crm|1": "C2", "crm|2": "C2"})
    assert run(book, D2).rows_in == 2, "C1 without crm|1 and C2; C3 has no record left"
    rows = {r["customer_id"]: r["records"] for r in book.lake.read(book.spark, GOLDEN[0]).collect()}
    assert rows == {"C1": 1, "C2": 3}
    followed = standing(book)
    # Other code makes every row anew from the same input: nothing differs.
    assert run(book, D2, code="c2").rows_in == 2
    assert standing(book) == followed


def test_an_erased_record_leaves_its_customer(book: Book) -> None:
    owned(book, {}, gone=("crm|1",))
    assert run(book, D2).rows_in == 1
    (one,) = book.lake.read(book.spark, GOLDEN[0]).where("customer_id = 'C1'").collect()
    assert one["records"] == 1


def test_without_news_nothing_is_committed(book: Book) -> None:
    versions = [book.lake.version(t) for t in GOLDEN]
    assert run(book, D2).outcome == "unchanged"
    assert [book.lake.version(t) for t in GOLDEN] == versions
