"""A month of deliveries, each bad in its own way, taken in by one pass: each gets its own outcome, the good go in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Row = Callable[..., str]


def row(number: int, payer: str = "张伟", amount: str = "12.50") -> str:
    return f"{number}|{payer}|20240105|{amount}"


ROWS = [row(i) for i in range(1, 13)]


def good(source: Any, day: str) -> None:
    source.text(day, ROWS)


def cut_by_two_bytes(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.write_bytes(file.read_bytes()[:-2])


def cut_at_a_rows_end(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-4]))


def utf8_for_gb18030(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.write_bytes(file.read_bytes().decode("gb18030").encode())
    source.manifest(day, file, rows=len(ROWS))


def latin1_for_gb18030(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.write_bytes(file.read_bytes().decode("gb18030").replace("张伟", "J\u00ff\u00ff").encode("latin-1"))
    source.manifest(day, file, rows=len(ROWS))


def header_of(*names: str) -> Callable[[Any, str], None]:
    def spoil(source: Any, day: str) -> None:
        file: Path = source.text(day, ROWS)
        lines = file.read_bytes().split(b"\n")
        file.write_bytes(b"\n".join(["|".join(names).encode(), *lines[1:]]))
        source.manifest(day, file, rows=len(ROWS))

    return spoil


def wrong_total(source: Any, day: str) -> None:
    source.text(day, ROWS, control_totals={"amount": "149.99"})


def wrong_rows(source: Any, day: str) -> None:
    source.text(day, ROWS, rows=13)


def one_digit_changed(source: Any, day: str) -> None:
    file = source.text(day, ROWS, control_totals={})
    file.write_bytes(file.read_bytes().replace(b"|12.50\n", b"|12.51\n", 1))


def no_manifest(source: Any, day: str) -> None:
    source.text(day, ROWS).with_name("manifest.json").unlink()


def torn_manifest(source: Any, day: str) -> None:
    manifest = source.text(day, ROWS).with_name("manifest.json")
    manifest.write_text(manifest.read_text()[:-5])


def empty(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.write_bytes(b"")
    source.manifest(day, file)


def header_only(source: Any, day: str) -> None:
    source.text(day, [], rows=None)


def transfer_under_way(source: Any, day: str) -> None:
    source.text(day, ROWS).with_name("payments_2.txt.part").write_bytes(b"x")


def a_link(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    elsewhere = source.root / "elsewhere.txt"
    elsewhere.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(elsewhere)


def out_of_the_folder(source: Any, day: str) -> None:
    source.text(day, ROWS)
    edit(source, day, lambda m: m["files"].append({"file": "payments/../../../payments.txt"}))


def listed_but_absent(source: Any, day: str) -> None:
    source.text(day, ROWS)
    edit(source, day, lambda m: m["files"].append({"file": "payments_2.txt"}))


def there_but_unlisted(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    file.with_name("payments_2.txt").write_bytes(file.read_bytes())


def of_another_bank(source: Any, day: str) -> None:
    source.text(day, ROWS)
    edit(source, day, lambda m: m.update(bank="other"))


def of_another_day(source: Any, day: str) -> None:
    source.text(day, ROWS)
    edit(source, day, lambda m: m.update(business_date="2023-01-01"))


def another_delimiter(source: Any, day: str) -> None:
    file = source.text(day, ROWS)
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([lines[0], *(line.replace(b"|", b";") for line in lines[1:])]))
    source.manifest(day, file, rows=len(ROWS))


def edit(source: Any, day: str, change: Callable[[dict[str, Any]], Any]) -> None:
    manifest = source.folder(day) / "manifest.json"
    told = json.loads(manifest.read_text())
    change(told)
    manifest.write_text(json.dumps(told))


CASES: list[tuple[Callable[[Any, str], None], str]] = [
    (good, "taken"),
    (cut_by_two_bytes, "truncated"),
    (cut_at_a_rows_end, "truncated"),
    (utf8_for_gb18030, "wrong_encoding"),
    (latin1_for_gb18030, "wrong_encoding"),
    (header_of("pay_id", "payer", "amount"), "missing_column"),
    (header_of("pay_id", "payer", "paid_on", "amount", "fee"), "extra_column"),
    (header_of("payer", "pay_id", "paid_on", "amount"), "reordered_columns"),
    (wrong_total, "wrong_control_total"),
    (wrong_rows, "wrong_row_count"),
    (one_digit_changed, "wrong_checksum"),
    (no_manifest, "absent_manifest"),
    (torn_manifest, "bad_manifest"),
    (empty, "empty_file"),
    (header_only, "empty_file"),
    (transfer_under_way, "still_being_written"),
    (a_link, "unsafe_path"),
    (out_of_the_folder, "unsafe_path"),
    (listed_but_absent, "missing_file"),
    (there_but_unlisted, "unlisted_file"),
    (of_another_bank, "another_bank"),
    (of_another_day, "wrong_date"),
    (another_delimiter, "malformed"),
    (good, "taken"),
]


def day_of(case: int) -> str:
    return f"2024-01-{case + 1:02d}"


@pytest.fixture(scope="module")
def month(module_counter: Any) -> Any:
    for number, (spoil, _) in enumerate(CASES):
        spoil(module_counter.source, day_of(number))
    return module_counter, module_counter.take()


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda n: f"{n}-{CASES[n][1]}")
def test_each_bad_delivery_has_its_outcome(month: Any, case: int) -> None:
    _, entries = month
    entry, expected = entries[day_of(case)], CASES[case][1]
    assert entry.outcome == expected, entry.message
    if expected == "taken":
        assert (entry.rows_in, entry.rows_out, entry.message) == (12, 12, None)
    else:
        assert entry.rows_out == 0
        assert expected in (entry.message or "")
        assert "张伟" not in (entry.message or "")


def test_the_good_ones_went_in_whole_and_the_bad_ones_not_at_all(month: Any) -> None:
    counter, _ = month
    rows = counter.lake.read(counter.spark, "bronze.core_payments")
    by_day = {str(r[0]): r[1] for r in rows.groupBy("_delivered").count().collect()}
    assert by_day == {day_of(0): 12, day_of(len(CASES) - 1): 12}
