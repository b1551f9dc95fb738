from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobs.demo import Summary, make
from jobs.demo.systems import LAYOUTS
from tests.unit.demo.reading import delivered, rows_of

EVENTS = {
    "core.transactions": ("txn_no", "txn_dt"),
    "channels.events": ("event_id", "biz_date"),
    "wealth.orders": ("order_id", "ordered_on"),
    "credit.repayments": ("repay_no", "posted_on"),
    "cards.statements": (None, "stmt_dt"),
    "core.balances": (None, "rpt_dt"),
    "crm.campaign_contacts": ("assignment_id", "assigned_on"),
    "crm.surveys": ("survey_id", "answered_on"),
}


def digest(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def manifests(bank: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(bank.glob("*/*/manifest.json")):
        yield path.parent, json.loads(path.read_text())


def as_date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value).replace("/", "-"))


def test_the_same_seed_gives_the_same_bytes(bank: Path, again: tuple[Path, Summary]) -> None:
    assert digest(bank) == digest(again[0])


def test_another_seed_gives_other_bytes(bank: Path, tmp_path: Path) -> None:
    make(tmp_path, 400, date(2025, 1, 1), date(2025, 6, 10), seed=12, daily_from=date(2025, 6, 1))
    assert digest(bank) != digest(tmp_path)


def test_a_bank_of_several_blocks_is_deterministic_and_its_keys_are_distinct(tmp_path: Path) -> None:
    for name in "ab":
        make(tmp_path / name, 10_300, date(2025, 3, 1), date(2025, 3, 3))
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    rows = [r for day in delivered(tmp_path / "a", "core.transactions").values() for r in day]
    assert len({r["txn_no"] for r in rows}) == len(rows)
    assert (
        len({r["cust_no"] for d in delivered(tmp_path / "a", "core.customers").values() for r in d})
        > 10_300 * 0.9
    )


def test_manifests_describe_the_files_that_are_there(bank: Path, again: tuple[Path, Summary]) -> None:
    rows: dict[str, int] = {}
    for folder, manifest in manifests(bank):
        assert manifest["system"] == folder.parent.name
        assert manifest["business_date"] == folder.name
        assert {f["file"] for f in manifest["files"]} == {p.name for p in folder.iterdir()} - {
            "manifest.json"
        }
        for file in manifest["files"]:
            data = (folder / file["file"]).read_bytes()
            layout = LAYOUTS[f"{manifest['system']}.{file['table']}"]
            content = rows_of(folder / file["file"], layout)
            assert file["bytes"] == len(data)
            assert file["sha256"] == hashlib.sha256(data).hexdigest()
            assert file["rows"] == len(content) > 0
            rows[layout.name] = rows.get(layout.name, 0) + file["rows"]
            for column, total in file["control_totals"].items():
                assert sum(Decimal(str(r[column])) for r in content) == Decimal(total)
    assert rows == again[1].rows


def test_every_system_delivers_every_day_and_the_first_time_the_whole_past(bank: Path) -> None:
    days = [(date(2025, 5, 31) + timedelta(days=n)).isoformat() for n in range(11)]
    for system in {layout.system for layout in LAYOUTS.values()}:
        kinds = {folder.name: m["kind"] for folder, m in manifests(bank) if folder.parent.name == system}
        assert list(kinds) == days
        assert list(kinds.values()) == ["history", *["daily"] * 10]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_no_event_is_delivered_twice_and_none_before_it_happened(bank: Path, name: str) -> None:
    key, day = EVENTS[name]
    seen: set[object] = set()
    for delivery, rows in delivered(bank, name).items():
        for row in rows:
            identity = row[key] if key else tuple(row.values())
            assert identity not in seen
            seen.add(identity)
            try:
                happened = as_date(row[day])
            except ValueError:
                continue  # one of the cells that are wrong on purpose
            late = date.fromisoformat(delivery) - happened
            assert late >= timedelta(0)
            assert delivery == "2025-05-31" or late <= timedelta(days=3)
    assert len(seen) > 20


def test_some_bookings_come_late(bank: Path) -> None:
    daily = {d: r for d, r in delivered(bank, "core.transactions").items() if d != "2025-05-31"}
    late = [r for d, rows in daily.items() for r in rows if r["txn_dt"] < d.replace("-", "")]
    assert 0 < len(late) < 0.05 * sum(map(len, daily.values()))


def test_month_end_balances_come_on_the_first_business_day(bank: Path) -> None:
    balances = delivered(bank, "core.balances")
    assert {r["bal_dt"] for r in balances["2025-06-02"]} == {"20250531"}
    assert not balances["2025-06-01"]


def test_a_bank_without_history_delivers_its_past_on_the_first_day(tmp_path: Path) -> None:
    make(tmp_path, 100, date(2025, 3, 3), date(2025, 3, 5))
    kinds = {f.name: m["kind"] for f, m in manifests(tmp_path) if f.parent.name == "core"}
    assert kinds == {"2025-03-03": "history", "2025-03-04": "daily", "2025-03-05": "daily"}


def test_an_account_tells_its_closing_only_when_it_happens(bank: Path) -> None:
    closed = [r for rows in delivered(bank, "core.accounts").values() for r in rows if r["close_dt"]]
    assert closed
    assert all(r["close_dt"] <= r["upd_dt"] and r["acct_st"] == "1" for r in closed)


def test_amounts_follow_the_balance(bank: Path) -> None:
    rows = [r for day in delivered(bank, "core.transactions").values() for r in day]
    by_account: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda r: int(r["txn_no"])):
        by_account.setdefault(row["acct_no"], []).append(row)
    checked = 0
    for moves in by_account.values():
        for before, after in itertools.pairwise(moves):
            if not all(re.fullmatch(r"-?[0-9]+[.][0-9]{2}", row["bal"]) for row in (before, after)):
                continue  # one of the cells that are wrong on purpose
            signed = Decimal(after["amt"]) * (1 if after["dr_cr"] == "C" else -1)
            assert Decimal(before["bal"]) + signed == Decimal(after["bal"])
            checked += 1
    assert checked > 1000


def test_some_cells_are_wrong_on_purpose(tmp_path: Path) -> None:
    make(tmp_path, 2000, date(2025, 1, 1), date(2025, 3, 31))
    rows = [r for day in delivered(tmp_path, "core.transactions").values() for r in day]
    bad = [
        r
        for r in rows
        if len(r["txn_dt"]) != 8
        or not r["bal"].replace(".", "").replace("-", "").isascii()
        or "," in r["bal"]
    ]
    assert 0 < len(bad) < 0.002 * len(rows)


def test_a_complaint_may_hold_commas_quotes_and_line_breaks(bank: Path) -> None:
    texts = "".join(r["content"] for rows in delivered(bank, "crm.complaints").values() for r in rows)
    assert "\n" in texts
    assert "，" in texts


def test_a_complaints_cause_is_recorded_for_a_third_and_the_same_in_each_of_its_rows(tmp_path: Path) -> None:
    make(tmp_path, 2000, date(2024, 1, 1), date(2025, 3, 31))
    rows = [r for day in delivered(tmp_path, "crm.complaints").values() for r in day]
    told = {(r["complaint_no"], r["cause"], r["product_code"]) for r in rows}
    assert len(told) == len({r["complaint_no"] for r in rows})
    assert 0.2 < sum(bool(cause) for _, cause, _ in told) / len(told) < 0.46
    assert 0.65 < sum(bool(product) for _, _, product in told) / len(told) < 0.95


@pytest.mark.parametrize(
    ("start", "end", "daily"),
    [((2025, 2, 1), (2025, 1, 1), None), ((2025, 1, 1), (2025, 2, 1), (2025, 3, 1))],
)
def test_dates_out_of_order_are_refused(tmp_path: Path, start: Any, end: Any, daily: Any) -> None:
    with pytest.raises(ValueError, match="2025"):
        make(tmp_path, 100, date(*start), date(*end), daily_from=date(*daily) if daily else None)
