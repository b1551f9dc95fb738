"""A lake with the tables that identity reads, and runs of single jobs for a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.job import Job
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.identity import match_record
from jobs.registry import registry
from tests.spec.identity.conftest import Rows

NAMES: Final = ("party", "party_name", "identifier", "contact_point", "address")


class Book:
    """A lake with the tables that match_record reads."""

    def __init__(self, spark: SparkSession, bank: Bank, silver: Rows, folder: Path) -> None:
        self.spark, self.bank, self.silver = spark, bank, silver
        self.lake = Lake(storage.as_uri(folder))
        self.ledger = open_ledger(self.lake.uri)

    def deliver(self, **tables: list[dict[str, Any]]) -> None:
        """Rows for silver tables, in short form."""
        for name in NAMES:
            table, rows = f"silver.{name}", tables.get(name, [])
            if rows or self.lake.version(table) is None:
                self.lake.append(self.silver(name, *rows), table, registry().schemas[table], {})

    def run(
        self, as_of: date, *, code: str = "c1", job: Job = match_record.JOB, rebuild: Iterable[str] = ()
    ) -> Entry:
        """One job for one day: its own table's entry."""
        run = Run(
            lake=self.lake, ledger=self.ledger, bank=self.bank, as_of=as_of, code=code,
            run_id=self.ledger.begin("demo", as_of, code, "f"), schemas=registry().schemas,
            champions=lambda _name, _version: None, rebuild=frozenset(rebuild),
        )  # fmt: skip
        return Step(run, job, self.spark.newSession()).take()[0]

    def records(self) -> dict[str, list[str]]:
        """Record → its name, phones and numbers."""
        rows = self.lake.read(self.spark, "identity.match_record").collect()
        return {r["record_id"]: [r["name"], *(r["phones"] or []), *(r["ids"] or [])] for r in rows}
