from __future__ import annotations

import csv
import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from conf.bank import open_bank
from conf.matching import MatchingConf
from jobs.identity import intake, queue
from jobs.identity.answers import Intake

ROW = {
    "rank": 1, "code": "grey_zone", "record_l": "core|1", "record_r": "crm|2", "kind": "person", "customer_id": "CA",
    "other_customer_id": "CB", "probability": 0.7, "value": Decimal("12.50"), "since": date(2025, 9, 1),
    "fields": [
        {"field": "name", "level": 4, "weight": 10.01}, {"field": "sex", "level": 0, "weight": -5.0},
        {"field": "phone", "level": None, "weight": 0.0},
    ],
}  # fmt: skip


def test_evidence_is_told_in_the_configurations_own_words_strongest_first() -> None:
    conf = open_bank("demo").section("matching", MatchingConf)
    assert (
        queue.evidence(ROW, conf) == "name: written alike (+10.0); sex: sexes differ (-5.0); phone: missing"
    )


def test_what_is_exported_and_answered_can_be_imported(tmp_path: Path) -> None:
    conf = open_bank("demo").section("matching", MatchingConf)
    row = queue.told({**ROW, "name_l": "=cmd()", "name_r": "王"}, conf)
    columns = [*queue.QUESTION, "name_l", "name_r", *queue.ANSWER]
    file = tmp_path / "queue.csv"
    file.touch(mode=0o644)  # what others could read before
    queue.write(file, [row], columns)
    assert (stat.S_IMODE(file.stat().st_mode), list(tmp_path.iterdir())) == (0o600, [file])
    (read,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (read["name_l"], read["value"], read["decision"]) == ("'=cmd()", "12.50", "")
    queue.write(file, [row | {"decision": "must_link", "reason": "-- same person", "author": "li"}], columns)
    (said,) = intake.read(file, now=datetime(2025, 9, 9, tzinfo=UTC), decided_at="2025-09-08").said
    assert (said.record_l, said.record_r, said.decision, said.reason) == (
        "core|1",
        "crm|2",
        "must_link",
        "-- same person",
    )


def test_parquet_keeps_types_and_opens_as_left_open(tmp_path: Path) -> None:
    conf = open_bank("demo").section("matching", MatchingConf)
    file = tmp_path / "queue.parquet"
    queue.write(file, [queue.told(ROW, conf)], queue.columns_of(values=False))
    assert intake.read(file, now=datetime(2025, 9, 9, tzinfo=UTC)) == Intake((), 1)
