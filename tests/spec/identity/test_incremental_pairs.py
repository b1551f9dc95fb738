"""A delivery is matched against the book without scoring the book again, and nobody can tell afterwards."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank, open_bank
from jobs.core.ledger import Entry
from jobs.identity import match_pair, match_record, term_frequency
from models.matching.scoring import score
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows

FIRST = date(2024, 3, 10)
GIVEN = ("小明", "雷", "梅", "伟", "芳", "娜")
FAMILY = ("张", "李", "王", "赵")
Silver = dict[str, list[dict[str, Any]]]


@pytest.fixture
def narrow(tmp_path: Path) -> Bank:
    """The demonstration bank, but a key that more than four share is too common: blocks fill and empty all the time."""
    overlay = tmp_path / "conf"
    (overlay / "shared/matching").mkdir(parents=True)
    (overlay / "shared/matching/narrow.yml").write_text(
        "person: {block_limit: 4}\norganisation: {block_limit: 4}\n"
    )
    return open_bank("demo", (overlay,))


@pytest.fixture
def book(spark: SparkSession, narrow: Bank, silver: Rows, tmp_path: Path) -> Book:
    return Book(spark, narrow, silver, tmp_path / "lake")


def told(number: int, draw: random.Random, on: date) -> Silver:
    """All that a source says of one person on a day; a handful of names, days of birth and phones for everybody."""
    who = f"core|{number:02d}"
    born = date(1980, 1, 1) + timedelta(days=draw.randrange(3))
    name = draw.choice(FAMILY) + draw.choice(GIVEN)
    phone = f"138{draw.randrange(12):08d}"
    return {
        "party": [{"party_id": who, "kind": "person", "birth_date": born, "on": on}],
        "party_name": [{"party_id": who, "full_name": name, "on": on}],
        "contact_point": [
            {"party_id": who, "kind": "mobile", "value": phone, "contact_point_id": f"{who}{on}", "on": on}
        ],
    }


def delivered(people: list[int], draw: random.Random, on: date) -> Silver:
    made: Silver = {}
    for number in people:
        for table, rows in told(number, draw, on).items():
            made.setdefault(table, []).extend(rows)
    return made


def day(book: Book, on: date) -> Entry:
    for job in (match_record.JOB, term_frequency.JOB):
        book.run(on, job=job)
    return book.run(on, job=match_pair.JOB)


def pairs(book: Book) -> list[Any]:
    return sorted(map(tuple, book.lake.read(book.spark, "identity.match_pair").collect()))


def rebuilt(book: Book) -> list[Any]:
    """What scoring the whole book gives."""
    tables = ("match_record", "match_record", "term_frequency", "match_pair")
    frames = [book.lake.read(book.spark, f"identity.{t}") for t in tables]
    return sorted(map(tuple, match_pair.build(*frames, bank=book.bank, keys=None).collect()))


def test_days_of_changes_give_the_pairs_of_one_full_scoring(book: Book) -> None:
    draw = random.Random(7)
    book.deliver(**delivered(list(range(30)), draw, FIRST - timedelta(days=30)))
    first = day(book, FIRST)
    assert first.rows_out == len(pairs(book)) > 5
    for n in (1, 2):
        on = FIRST + timedelta(days=n)
        changed = [*draw.sample(range(30), 3), 30 + n]
        book.deliver(**delivered(changed, draw, on))
        before = pairs(book)
        day(book, on)
        assert pairs(book) == rebuilt(book)
        assert pairs(book) != before


def test_only_what_shares_a_key_with_a_changed_record_is_scored(book: Book, monkeypatch: Any) -> None:
    draw = random.Random(3)
    book.deliver(**delivered(list(range(30)), draw, FIRST - timedelta(days=30)))
    day(book, FIRST)
    seen: list[int] = []

    def counting(records: Any, *rest: Any, **named: Any) -> Any:
        seen.append(records.count())
        return score(records, *rest, **named)

    monkeypatch.setattr("jobs.identity.match_pair.score", counting)
    apart = {"party_id": "core|99", "kind": "person", "on": FIRST + timedelta(days=1)}
    book.deliver(party=[apart], party_name=[{**apart, "full_name": "欧阳独"}])
    day(book, FIRST + timedelta(days=1))
    assert seen == [1, 0]
    assert pairs(book) == rebuilt(book)


def test_frequencies_are_those_of_the_month_s_beginning_whichever_days_were_run(
    spark: SparkSession, narrow: Bank, silver: Rows, tmp_path: Path
) -> None:
    def frequencies(folder: str, days: list[date]) -> list[Any]:
        draw = random.Random(11)
        book = Book(spark, narrow, silver, tmp_path / folder)
        for n, on in enumerate((date(2024, 2, 20), date(2024, 3, 5), date(2024, 3, 9))):
            book.deliver(**delivered(list(range(n * 5, n * 5 + 150)), draw, on))
            if on in days:
                book.run(on, job=term_frequency.JOB)
        book.run(FIRST, job=term_frequency.JOB)
        return sorted(map(tuple, book.lake.read(spark, "identity.term_frequency").collect()))

    daily = frequencies("daily", [date(2024, 3, 5), date(2024, 3, 9)])
    assert daily == frequencies("once", [])
    assert {row[-1] for row in daily} == {date(2024, 3, 1)}
    assert {row[1] for row in daily} == {"name", "sound", "record_id"}
    others = {row[1]: row[3] for row in daily if row[2] == ""}
    assert others.keys() == {"name", "sound", "record_id"}
    assert all(row[3] > others[row[1]] for row in daily if row[2])
