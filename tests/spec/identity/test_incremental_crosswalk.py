"""Of a day that changed little only what hangs together with a change is decided anew, and nobody can tell afterwards."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core.ledger import Entry
from jobs.identity import crosswalk, decision, match_pair, match_record, term_frequency
from jobs.registry import registry
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows
from tests.spec.identity.test_incremental_pairs import delivered

FIRST = date(2024, 3, 10)
PEOPLE = 40
CROSSWALK, HISTORY = "identity.crosswalk", "identity.crosswalk_history"


@pytest.fixture
def books(spark: SparkSession, bank: Bank, silver: Rows, tmp_path: Path) -> tuple[Book, Book]:
    """One that goes on from day to day, one whose crosswalk is made anew each day."""
    daily, anew = (Book(spark, bank, silver, tmp_path / name) for name in ("daily", "anew"))
    return daily, anew


def day(book: Book, on: date, *, anew: bool = False) -> Entry:
    for job in (decision.JOB, match_record.JOB, term_frequency.JOB, match_pair.JOB):
        book.run(on, job=job)
    return book.run(on, job=crosswalk.JOB, rebuild=[CROSSWALK] if anew else ())


def said(book: Book, number: int, pair: tuple[str, str], word: str, on: date) -> None:
    """A steward's word on two records, as an import leaves it."""
    schema = registry().schemas["identity.decision"]
    when = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    row = (f"d{number}", *sorted(pair), word, "wang", "seen", when, on, number, "new")
    book.lake.append(book.spark.createDataFrame([row], schema.spark), "identity.decision", schema, {})


def told(book: Book, table: str) -> list[Any]:
    return sorted(map(str, book.lake.read(book.spark, table).collect()))


def pairs_of_customers(book: Book) -> list[tuple[str, str]]:
    rows = book.lake.read(book.spark, CROSSWALK).where("linked_to IS NOT NULL").collect()
    return sorted((row["party_id"], row["linked_to"]) for row in rows)


def test_days_of_changes_and_decisions_give_what_deciding_everything_gives(
    books: tuple[Book, Book],
) -> None:
    for book in books:
        book.deliver(**delivered(list(range(PEOPLE)), random.Random(7), FIRST - timedelta(days=30)))
        day(book, FIRST, anew=book is books[1])
    draw = random.Random(5)
    joined = pairs_of_customers(books[0])
    words = [("core|01", "core|39"), draw.choice(joined)]
    for n, word in enumerate(("must_link", "cannot_link", "withdraw"), start=1):
        on, changed, seed = FIRST + timedelta(days=n), draw.sample(range(PEOPLE), 2), draw.random()
        for book in books:
            book.deliver(**delivered([*changed, PEOPLE + n], random.Random(seed), on))
            said(book, n, words[min(n, 2) - 1], word, on)
            seen = day(book, on, anew=book is books[1]).rows_in
            assert seen == PEOPLE + n if book is books[1] else 0 < seen < PEOPLE + n
        assert told(books[0], CROSSWALK) == told(books[1], CROSSWALK)
        assert told(books[0], HISTORY) == told(books[1], HISTORY)


def test_a_date_run_again_keeps_what_it_logged_of_others(books: tuple[Book, Book]) -> None:
    on = FIRST + timedelta(days=1)
    for book in books:
        book.deliver(**delivered(list(range(PEOPLE)), random.Random(7), FIRST - timedelta(days=30)))
        day(book, FIRST)
        book.deliver(**delivered([PEOPLE, PEOPLE + 1], random.Random(2), on))
        day(book, on)
        said(book, 1, ("core|01", "core|39"), "must_link", on)
        day(book, on, anew=book is books[1])
    assert told(books[0], HISTORY) == told(books[1], HISTORY)
    assert len([row for row in told(books[0], HISTORY) if "'2024-03-11'" in row or "2024, 3, 11" in row]) >= 3
