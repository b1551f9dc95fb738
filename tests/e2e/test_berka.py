"""The real bank: what was known at the close of 1994-03-30, and nothing later."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tests.conftest import shared
from tests.e2e.books import Book, open_book, sound

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
AS_OF = date(1994, 3, 30)
DELIVERED = {
    "client": 5369,
    "account": 4500,
    "disp": 5369,
    "order": 6471,
    "loan": 682,
    "card": 892,
    "district": 77,
    "trans": 46997,
}


@pytest.fixture(scope="module")
def berka(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The Berka bank at the close of 1994-03-30."""
    book = open_book(spark, "berka", shared("berka"), tmp_path_factory.mktemp("berka") / "lake")
    assert sound(book.run(AS_OF).entries) == []
    return book


def test_every_row_is_taken_in_or_accounted_for(berka: Book) -> None:
    dealt = {d.table.removeprefix("bronze.berka_"): d for d in berka.where.ledger.deliveries()}
    assert {n: d.rows_in for n, d in dealt.items()} == DELIVERED
    assert all(d.rows_in == d.rows_out + d.quarantined + d.deduplicated for d in dealt.values())


@pytest.mark.parametrize(
    ("table", "rows"),
    [("silver.account", 1229), ("silver.party", 1489), ("silver.loan", 37), ("gold.customer_profile", 1489)],
)
def test_the_book_knows_just_what_the_bank_knew(berka: Book, table: str, rows: int) -> None:
    assert berka.table(table).count() == rows


def test_nothing_later_stands_in_any_table(berka: Book) -> None:
    silver = [t for t in berka.where.lake.tables() if t.startswith("silver.")]
    later = {t: berka.table(t).where(F.col("known_from") > F.lit(AS_OF)).count() for t in silver}
    assert {t: n for t, n in later.items() if n} == {}
    assert berka.table("silver.order").count() == 0
    assert berka.table("silver.loan").where("status IS NOT NULL").count() == 0
    assert berka.table("silver.area_statistic").where("period != 'static'").count() == 0


def test_closing_balances_reconcile_with_the_bookings(berka: Book) -> None:
    """The data's README: each signed sum within 1.5 crowns of the last balance, 664 of 1,229 exactly."""
    rules = berka.table("quality.result").where("table = 'gold.account_balance'")
    told = {
        r["rule"]: (r["rows"], r["failures"])
        for r in rules.collect()
        if r["rule"].startswith("closing_balance")
    }
    assert told["closing_balance_reconciles"] == (1229, 0)
    assert told["closing_balance_exact"] == (1229, 1229 - 664)


def test_without_consent_nobody_is_on_a_list(berka: Book) -> None:
    judged = berka.table("gold.eligibility")
    assert judged.where("allowed").count() == 0
    assert judged.where("size(denials) = 0").count() == 0
    assert berka.table("gold.audience").count() == 0


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["quality", "--docs"], {"as_of": "1994-03-30"}),
        (["show", "gold.customer_profile"], {"as_of": "1994-03-30", "rows": 1489}),
    ],
)
def test_a_command_reads_the_book_in_a_process_of_its_own(
    berka: Book, command: list[str], told: dict[str, object]
) -> None:
    lake = str(berka.where.lake_at)
    run = [sys.executable, "-m", "jobs", *command, "--bank", "berka", "--lake", lake, "--json"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert told.items() <= json.loads(done.stdout).items()
