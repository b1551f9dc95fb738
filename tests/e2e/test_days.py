"""Day by day or in one pass: the same book. The same day twice: the same bytes."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.core.job import AsOf, History, Snapshot
from jobs.demo import make
from jobs.registry import registry
from tests.e2e.books import Book, differing, open_book, sound

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
FIRST, DAYS = date(2025, 9, 1), 10
LAST = FIRST + timedelta(days=DAYS - 1)
# Logs of what happened when; and rows that name the day they were made for.
DATED = (History, AsOf)
# What happened to ids on the way; a book that saw the last day alone has seen no merge.
LOGS = ("identity.event", "identity.redirect")


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 customers: eight months of history and ten days with a delivery each."""
    folder = tmp_path_factory.mktemp("days") / "extracts"
    make(folder, 150, date(2025, 1, 1), LAST, 7, FIRST + timedelta(days=1))
    return folder


@pytest.fixture(scope="module")
def daily(spark: SparkSession, extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The book run on each of the ten days."""
    book = open_book(spark, "demo", extracts, tmp_path_factory.mktemp("daily") / "lake")
    for offset in range(DAYS):
        assert sound(book.run(FIRST + timedelta(days=offset)).entries) == []
    return book


@pytest.fixture(scope="module")
def at_once(spark: SparkSession, extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The book run once, on the last day."""
    book = open_book(spark, "demo", extracts, tmp_path_factory.mktemp("once") / "lake")
    assert sound(book.run(LAST).entries) == []
    return book


def test_day_by_day_gives_the_same_current_state_as_one_pass(daily: Book, at_once: Book) -> None:
    current = [t for job in registry().jobs for t, o in job.outputs.items() if not isinstance(o.write, DATED)]
    state = [t for t in current if t not in LOGS]
    wrong = {t: n for t in state if (n := differing(_rows(daily, t), _rows(at_once, t)))}
    assert wrong == {}
    assert len([t for t in state if isinstance(_write(t), Snapshot)]) >= 5


def test_rows_of_the_last_day_are_the_same_too(daily: Book, at_once: Book) -> None:
    dated = [t for job in registry().jobs for t, o in job.outputs.items() if isinstance(o.write, AsOf)]
    last = f"as_of = DATE'{LAST.isoformat()}'"
    wrong = {
        t: n for t in dated if (n := differing(_rows(daily, t).where(last), _rows(at_once, t).where(last)))
    }
    assert wrong == {}


def test_the_same_date_again_changes_no_row_and_no_published_byte(at_once: Book) -> None:
    before, files = at_once.versions(), _published(at_once)
    outcome = at_once.run(LAST)
    assert sound(outcome.entries) == []
    assert at_once.versions() == before
    assert _published(at_once) == files
    assert files


def test_nothing_is_lost_on_the_way(at_once: Book) -> None:
    for delivery in at_once.where.ledger.deliveries():
        assert delivery.rows_in == delivery.rows_out + delivery.quarantined + delivery.deduplicated, (
            delivery.table
        )
    for entry in at_once.where.ledger.entries():
        assert entry.rows_in == entry.rows_out + entry.quarantined + entry.deduplicated, entry.table


def _write(table: str) -> object:
    return registry().owner(table).outputs[table].write


def _rows(book: Book, table: str) -> DataFrame:
    """Rows of a table without the batch that brought them: one pass may take a row from an earlier file."""
    return book.table(table).drop("batch_id")


def _published(book: Book) -> dict[str, str]:
    folder = Path(book.where.lake.uri.removeprefix("file://")) / "publish"
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
