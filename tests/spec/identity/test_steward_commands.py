"""`onebook steward` on a small book: a question goes out, the answer comes back, the next run obeys it."""

from __future__ import annotations

import csv
import json
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.identity import crosswalk, decision, match_pair, match_record, review
from jobs.registry import registry
from tests.commands import Done, onebook

DAY = date(2025, 9, 1)
ANSWER = {
    "decision": "cannot_link",
    "author": "li",
    "reason": "father and son",
    "decided_at": "2025-09-01T09:00",
}


class Book:
    """Three records, two of them one customer, and the jobs that stewards have to do with."""

    def __init__(self, spark: SparkSession, bank: Bank, folder: Path) -> None:
        self.spark, self.bank = spark, bank
        self.lake = Lake(storage.as_uri(folder))
        self.ledger = open_ledger(self.lake.uri)
        records: list[dict[str, Any]] = [{"record_id": r, "source": r[:3], "kind": "person", "since": DAY, "late": 0, "is_live": True,
                    "slots": [], "soft_slots": []} for r in ("crm|1", "web|1", "web|2")]  # fmt: skip
        pair = {"record_l": "crm|1", "record_r": "web|1", "kind": "person", "probability": 0.96, "weight": 4.6,
                "fields": [{"field": "name", "level": 4, "weight": 9.0}]}  # fmt: skip
        self.write("identity.match_record", match_record, records)
        self.write("identity.match_pair", match_pair, [pair])
        self.run()

    def write(self, table: str, job: Any, rows: list[dict[str, Any]]) -> None:
        full = [tuple(row.get(name) for name in job.SCHEMA.names) for row in rows]
        version = self.lake.append(self.spark.createDataFrame(full, job.SCHEMA.spark), table, job.SCHEMA, {})
        self.ledger.enter(None, Entry(table, DAY, "written", version=version))

    def run(self) -> list[str]:
        """What the three jobs did."""
        run = Run(
            lake=self.lake, ledger=self.ledger, bank=self.bank, as_of=DAY, code="c", schemas=registry().schemas,
            run_id=self.ledger.begin("demo", DAY, "c", "f"), champions=lambda _name, _version: None,
        )  # fmt: skip
        jobs = (decision.JOB, crosswalk.JOB, review.JOB)
        return [Step(run, job, self.spark.newSession()).take()[0].outcome for job in jobs]

    def customers(self) -> dict[str, str]:
        rows = self.lake.read(self.spark, "identity.crosswalk").collect()
        return {r["party_id"]: r["customer_id"] for r in rows}

    def steward(self, *arguments: object) -> Done:
        return onebook("steward", *arguments, "--lake", self.lake.uri.removeprefix("file://"))


@pytest.fixture
def book(spark: SparkSession, bank: Bank, tmp_path: Path) -> Book:
    return Book(spark, bank, tmp_path / "lake")


def test_a_question_is_answered_and_the_next_run_obeys(book: Book, tmp_path: Path) -> None:
    joined = book.customers()
    assert joined["crm|1"] == joined["web|1"]
    file = tmp_path / "queue.csv"
    assert json.loads(book.steward("export", file, "--json").stdout) == {"questions": 1, "file": str(file)}
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert (rows[0]["code"], rows[0]["evidence"]) == ("weak_bridge", "name: written alike (+9.0)")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerow(rows[0] | ANSWER)

    taken = json.loads(book.steward("import", file, "--json").stdout)
    assert taken == {"taken": 1, "known_before": 0, "left_open": 0, "in_force": 1, "contradictions": []}
    assert json.loads(book.steward("import", file, "--json").stdout)["known_before"] == 1
    book.run()
    parted = book.customers()
    assert parted["crm|1"] == joined["crm|1"] != parted["web|1"]
    assert book.lake.read(book.spark, "identity.review").count() == 0
    assert book.run() == ["unchanged", "unchanged", "unchanged"]
    listed = json.loads(book.steward("list", "--json").stdout)
    assert listed["statuses"] == {"in_force": 1}

    refused = tmp_path / "refused.csv"
    refused.write_text(
        "record_l,record_r,decision,author,reason,decided_at\ncrm|1,crm|9,must_link,li,w,2025-09-01\n"
    )
    done = book.steward("import", refused)
    assert done.returncode == 3
    assert "line 2: the book has no record 'crm|9'" in done.stderr

    against = tmp_path / "against.csv"
    against.write_text(
        "record_l,record_r,decision,author,reason,decided_at\nweb|1,crm|1,must_link,he,w,2025-09-01\n"
    )
    told = json.loads(book.steward("import", against, "--json").stdout)
    assert (told["held_back"], told["contradictions"][0]["author"]) == (1, "li")
    book.run()
    assert book.customers() == parted


def test_an_import_cut_off_before_the_ledger_heard_of_it_is_entered_by_the_next(
    book: Book, tmp_path: Path
) -> None:
    file = tmp_path / "said.csv"
    file.write_text("record_l,record_r,decision\ncrm|1,web|1,cannot_link\n")
    said = ("import", file, "--author", "li", "--decided-at", "2025-09-01", "--json")
    assert book.steward(*said).returncode == 3, "a reason is missing"
    file.write_text("record_l,record_r,decision,reason\ncrm|1,web|1,cannot_link,two\n")
    assert json.loads(book.steward(*said).stdout)["taken"] == 1
    (entered,) = book.ledger.deliveries("identity.decision")
    with sqlite3.connect(tmp_path / "lake" / "ledger.db") as ledger:  # as a kill after the commit leaves it
        ledger.execute("DELETE FROM delivery")
    book.run()
    assert book.ledger.deliveries("identity.decision") == []
    assert json.loads(book.steward(*said).stdout)["known_before"] == 1
    assert book.ledger.deliveries("identity.decision") == [entered]
