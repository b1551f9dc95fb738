"""Deliveries that come again, changed, late, or after a crash; rows that are dirty in a good delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from jobs.bronze.ingest import Ingest
from jobs.cli.deliveries import dealt_with
from jobs.core.ledger import DeliveryEntry, open_ledger
from jobs.core.storage import as_uri

Row = Callable[..., str]
DAY = date(2024, 12, 31)
TOO_FEW = """
expectations:
  - {type: expect_table_row_count_to_be_between, kwargs: {min_value: 5}, severity: critical, meta: {rule: too_few, action: fail}}
"""


def test_the_same_delivery_again_adds_nothing_and_commits_nothing(counter: Any, make_row: Row) -> None:
    counter.source.text("2024-01-05", [make_row(1), make_row(2)])
    counter.take()
    version = counter.lake.version("bronze.core_payments")
    assert counter.take() == {}
    assert (counter.rows(), counter.lake.version("bronze.core_payments")) == (2, version)


def test_the_same_content_under_another_name_is_a_recorded_duplicate(counter: Any, make_row: Row) -> None:
    file = counter.source.text("2024-01-05", [make_row(1)])
    counter.take()
    file.unlink()
    counter.source.text("2024-01-05", [make_row(1)], name="payments_again.txt")
    entry = counter.take()["2024-01-05"]
    assert entry.outcome == "duplicate"
    assert "payments.txt" in entry.message
    assert counter.rows() == 1


def test_changed_content_is_refused_until_it_is_said_to_replace(counter: Any, make_row: Row) -> None:
    counter.source.text("2024-01-05", [make_row(1), make_row(2)])
    before = counter.take()["2024-01-05"]
    counter.source.text("2024-01-05", [make_row(1), make_row(2), make_row(3)])
    refused = counter.take()["2024-01-05"]
    assert refused.outcome == "changed_content"
    assert "--replace-delivery" in refused.message
    assert counter.rows() == 2
    after = counter.take(replace=True)["2024-01-05"]
    assert (after.outcome, after.rows_out, counter.rows()) == ("taken", 3, 5)
    ledger = {e.batch_id: e for e in open_ledger(counter.lake.uri).deliveries() if e.outcome == "taken"}
    assert ledger[before.batch_id].superseded_by == after.batch_id


def test_changed_bytes_under_an_old_manifest_are_noticed(counter: Any, make_row: Row) -> None:
    file = counter.source.text("2024-01-05", [make_row(1)])
    counter.take()
    file.write_bytes(file.read_bytes().replace(b"12.50", b"99.50"))
    assert counter.take()["2024-01-05"].outcome == "changed_content"


def test_a_late_delivery_is_taken_in_and_recorded_as_late(counter: Any, make_row: Row) -> None:
    counter.source.text("2024-01-10", [make_row(1)])
    counter.take()
    counter.source.text("2024-01-08", [make_row(2)])
    counter.source.text("2024-01-05", [make_row(3)])
    entries = counter.take()
    assert {d: e.outcome for d, e in entries.items()} == {"2024-01-08": "taken", "2024-01-05": "late"}
    assert counter.rows() == 3


def test_a_crash_between_commit_and_ledger_loses_nothing_and_adds_nothing(
    counter: Any, make_row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.text("2024-01-05", [make_row(1), make_row(2)])
    with monkeypatch.context() as patch:
        patch.setattr("jobs.core.ledger.Ledger.deliver", _crash)
        with pytest.raises(RuntimeError, match="power cut"):
            counter.take()
    assert counter.rows() == 2
    assert counter.take() == {}
    assert counter.rows() == 2
    assert [e.rows_out for e in open_ledger(counter.lake.uri).deliveries()] == [2]


def test_a_replacement_is_entered_whole_or_not_at_all(tmp_path: Path) -> None:
    ledger = open_ledger(as_uri(tmp_path))
    old, new = (DeliveryEntry(b, "bronze.t", DAY, "daily", b, [], "taken", DAY) for b in ("old", "new"))
    ledger.deliver([old])
    with pytest.raises(IntegrityError):
        ledger.deliver([new, replace(new, batch_id=None)], [("old", "new")])  # type: ignore[arg-type]
    assert [(e.batch_id, e.superseded_by) for e in ledger.deliveries()] == [("old", None)]
    ledger.deliver([new], [("old", "new")])
    assert [(e.batch_id, e.superseded_by) for e in ledger.deliveries()] == [("old", "new"), ("new", None)]


def test_what_is_built_on_a_table_whose_gate_refused_is_stale_until_it_goes_in(
    counter: Any, make_row: Row, tmp_path: Path
) -> None:
    file = tmp_path / "rules" / "bronze" / "core_payments.yml"
    file.parent.mkdir(parents=True)
    file.write_text(TOO_FEW)
    counter.source.text("2024-01-05", [make_row(1)])
    ledger, root = open_ledger(counter.lake.uri), as_uri(counter.source.root)
    strict = Ingest(counter.spark, counter.lake, ledger, "test", root, DAY, suites=(tmp_path / "rules",))
    told = dealt_with(counter.contract, strict, DAY)
    assert [(e.outcome, "too_few" in str(e.message)) for e in told] == [("refused", True)]
    assert ledger.faulty_at(DAY) == {"bronze.core_payments"}
    assert counter.take(DAY.isoformat())["2024-01-05"].outcome == "taken"
    assert ledger.faulty_at(DAY) == set()


def _crash(ledger: object, entries: list[object], *_: object) -> None:
    if entries:
        raise RuntimeError("power cut")


def test_dirty_rows_go_to_quarantine_with_line_reason_and_subject(counter: Any, make_row: Row) -> None:
    rows = [
        make_row(1),
        make_row(2, amount="１２.50"),
        make_row(3, amount="1,234.50"),
        make_row(4, amount="1.2E+3"),
        make_row(5, amount="12.505"),
        make_row(6, day="20230229"),
        make_row(7, amount="-5.00"),
        "|无名|20240105|1.00",
        "9|张伟|20240105",
        make_row(10, payer="旧"),
        make_row(10, payer="新"),
        make_row(11),
        make_row(11),
    ]
    counter.source.text("2024-01-05", [make_row(1)])
    file = counter.source.folder("2024-01-05") / "payments.txt"
    file.write_bytes("".join(f"{r}\n" for r in ["pay_id|payer|paid_on|amount", *rows]).encode("gb18030"))
    counter.source.manifest("2024-01-05", file, rows=len(rows))
    entry = counter.take()["2024-01-05"]
    assert (entry.rows_in, entry.rows_out, entry.quarantined, entry.deduplicated) == (13, 3, 9, 1)
    bad = counter.lake.read(counter.spark, "quarantine.bronze_core_payments").orderBy("row").collect()
    assert [(r["row"], r["reasons"]) for r in bad] == [
        (2, ["cast:amount"]),
        (3, ["cast:amount"]),
        (4, ["cast:amount"]),
        (5, ["cast:amount"]),
        (6, ["cast:paid_on"]),
        (7, ["rule:amount_positive"]),
        (8, ["required:pay_id"]),
        (9, ["malformed"]),
        (10, ["duplicate_key"]),
    ]
    assert bad[1]["raw"] == rows[2]
    assert {r["subject_key"] for r in bad} == {"core|张伟", "core|无名", "core|旧", None}
    kept = counter.lake.read(counter.spark, "bronze.core_payments").orderBy("_row")
    assert [(r["pay_id"], r["payer"], r["_row"]) for r in kept.collect()] == [
        (1, "张伟", 1),
        (10, "新", 11),
        (11, "张伟", 13),
    ]


def test_a_control_total_is_compared_with_what_a_dirty_amount_says(counter: Any, make_row: Row) -> None:
    counter.source.text("2024-01-05", [make_row(1)])
    file = counter.source.folder("2024-01-05") / "payments.txt"
    rows = ["pay_id|payer|paid_on|amount", make_row(1, amount="1,000.50"), make_row(2, amount="２.00")]
    file.write_bytes("".join(f"{r}\n" for r in rows).encode("gb18030"))
    counter.source.manifest("2024-01-05", file, rows=2, control_totals={"amount": "1002.50"})
    entry = counter.take()["2024-01-05"]
    assert (entry.outcome, entry.quarantined) == ("taken", 2)
