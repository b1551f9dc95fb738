"""Rebuilt, identity's tables keep what they remember: ids, events and ages stand as the days left them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core.job import Job
from jobs.core.schema import Schema
from jobs.identity import crosswalk, decision, event, match_pair, match_record
from tests.spec.identity.book import Book
from tests.spec.identity.conftest import Rows

D1, D2, D3 = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)
JOBS: Final = (match_record.JOB, crosswalk.JOB, event.JOB)
REMEMBERED: Final = (
    "identity.match_record", "identity.crosswalk", "identity.crosswalk_history", "identity.event", "identity.redirect",
)  # fmt: skip


class Merged(Book):
    """Two records, apart on the first day and one customer from the second."""

    def day(self, on: date, rebuild: Iterable[Job] = ()) -> dict[str, list[Any]]:
        for job in JOBS:
            self.run(on, job=job, rebuild=job.outputs if job in rebuild else ())
        return {t: sorted(map(repr, self.lake.read(self.spark, t).collect())) for t in REMEMBERED}

    def put(self, table: str, schema: Schema, *rows: dict[str, Any]) -> None:
        told = [tuple(row.get(name) for name in schema.names) for row in rows]
        self.lake.append(self.spark.createDataFrame(told, schema.spark), table, schema, {})


@pytest.fixture
def book(spark: SparkSession, bank: Bank, silver: Rows, tmp_path: Path) -> Merged:
    made = Merged(spark, bank, silver, tmp_path / "lake")
    people = [{"party_id": p, "kind": "person", "on": D1} for p in ("core|1", "crm|1")]
    made.deliver(party=people, party_name=[{**p, "full_name": "张小明"} for p in people])
    made.put("identity.match_pair", match_pair.SCHEMA)
    made.put("identity.decision", decision.SCHEMA)
    made.day(D1)
    one = {"record_l": "core|1", "record_r": "crm|1", "kind": "person", "probability": 0.99, "weight": 10.0}
    made.put("identity.match_pair", match_pair.SCHEMA, one)
    return made


@pytest.mark.parametrize("on", [D2, D3], ids=["on the last day", "on a later day"])
def test_a_rebuild_forgets_no_merge_and_renames_nobody(book: Merged, on: date) -> None:
    before = book.day(D2)
    assert [e.kind for e in book.lake.read(book.spark, "identity.event").orderBy("on", "kind").collect()] == [
        "birth", "birth", "merge",
    ]  # fmt: skip
    assert len(before["identity.crosswalk_history"]) == 3
    assert len(before["identity.redirect"]) == 1
    assert book.day(on, rebuild=JOBS) == before
