"""Entries of one date go in; of each table its last word comes out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jobs.core.ledger import Entry, open_ledger
from jobs.core.storage import as_uri

DAY = date(2026, 3, 1)


def test_what_failed_and_was_mended_on_the_same_date_is_not_told(tmp_path: Path) -> None:
    ledger = open_ledger(as_uri(tmp_path))
    for table, outcome in (("gold.a", "failed"), ("gold.b", "failed"), ("gold.a", "written")):
        ledger.enter(None, Entry(table, DAY, outcome))
    assert {e.table: e.outcome for e in ledger.last_words(DAY)} == {"gold.a": "written", "gold.b": "failed"}
    assert ledger.faulty_at(DAY) == {"gold.b"}
