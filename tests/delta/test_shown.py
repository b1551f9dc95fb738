"""A book of one date goes in; what `show` and `explain` say of names and dates that it doesn't have comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from jobs.core.job import Snapshot
from jobs.core.ledger import Entry, open_ledger
from jobs.identity import crosswalk
from tests.commands import Done, onebook
from tests.delta.frames import D1, D2, STATE, rows, write

CUSTOMER = {
    "party_id": "core|1",
    "customer_id": "CA",
    "source": "core",
    "kind": "person",
    "since": D1,
    "is_live": True,
}


@pytest.fixture
def book(spark: SparkSession, lake: Lake, tmp_path: Path) -> Path:
    """A state and a crosswalk, first made as of the second of January."""
    known = tuple(CUSTOMER.get(name) for name in crosswalk.SCHEMA.names)
    write(lake, "gold.customer_profile", STATE, Snapshot(), rows(spark, STATE, ("a", 1)), D2)
    write(lake, "identity.crosswalk", crosswalk.SCHEMA, Snapshot(), rows(spark, crosswalk.SCHEMA, known), D2)
    for table in ("gold.customer_profile", "identity.crosswalk"):
        open_ledger(lake.uri).enter(None, Entry(table, D2, "written", version=0))
    return tmp_path / "lake"


def ask(book: Path, *arguments: object) -> Done:
    return onebook(*arguments, "--lake", book, "--json")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "customer_profile"], "there is no table customer_profile (did you mean gold.customer_profile?)"),
        (["show", "gold.custmer_profil"], "did you mean gold.customer_profile?"),
        (["show", "gold.feature"], "gold.feature isn't in this lake yet (make it: `onebook run --to-table gold.feature`)"),
        (["show", "gold.customer_profile", "--as-of", D1], "wasn't there yet at 2026-01-01 (it was first made as of 2026-01-02)"),
        (["explain", "CA", "--as-of", D1], "there were no customers yet at 2026-01-01"),
        (["explain", "CB"], "there is no customer CB"),
        (["maintain", "--tables", "customer_profile"], "there is no table customer_profile in this lake (did you mean gold.customer_profile?)"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_there_is_answered_with_what_is(book: Path, arguments: list[object], words: str) -> None:
    done = ask(book, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_what_is_there_is_shown_and_explained(book: Path) -> None:
    assert json.loads(ask(book, "show", "gold.customer_profile", "--as-of", D2).stdout)["rows"] == 1
    told = json.loads(ask(book, "explain", "ca", "--as-of", D2).stdout)
    assert [r["party_id"] for r in told["records"]] == ["core|1"]


def test_rows_are_printed_as_they_are_and_those_of_a_restricted_table_not_at_all(
    spark: SparkSession, lake: Lake, book: Path
) -> None:
    for table, value in (("gold.customer_value", "[/red]"), ("silver.party_name", "张伟")):
        write(lake, table, STATE, Snapshot(), rows(spark, STATE, (value, 1)), D2)
    shown = onebook("show", "gold.customer_value", "--rows", 5, "--lake", book)
    assert (shown.returncode, "[/red]" in shown.stdout) == (0, True)
    hidden = ask(book, "show", "silver.party_name", "--rows", 5)
    assert "silver.party_name is restricted: none of its rows are printed" in hidden.stderr
    assert json.loads(hidden.stdout)["rows"] == 1
    assert "张伟" not in hidden.stdout
