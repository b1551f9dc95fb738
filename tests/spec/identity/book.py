"""A lake with the tables that identity reads, and runs of single jobs for a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.changes import CHANGE, DELETED, kind
from jobs.core.context import Run
from jobs.core.job import Job
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.identity import match_record
from jobs.registry import registry
from tests.commands import Done, onebook
from tests.spec.identity.conftest import Rows

CROSSWALK: Final = "identity.crosswalk"
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

    def own(
        self, owners: dict[str, str], *, gone: tuple[str, ...] = (), since: date = date(2024, 1, 1)
    ) -> None:
        """Bring the crosswalk to these owners, as its own job would: only rows that differ are committed."""
        schema, was = registry().schemas[CROSSWALK], self.lake.version(CROSSWALK)
        rows = [
            (p, c, p.split("|")[0], "person", since, True, None, "alone", None, p) for p, c in owners.items()
        ]
        new = self.spark.createDataFrame(rows, schema.spark)
        if was is None:
            self.lake.append(new, CROSSWALK, schema, {})
            return
        left = self.spark.createDataFrame([(p, *[None] * 9) for p in gone], schema.spark)
        known = self.lake.read(self.spark, CROSSWALK).select("party_id", F.lit(True).alias("_known"))
        fresh = new.join(known, on="party_id", how="left").withColumn(
            CHANGE, kind(F.lit(True), F.col("_known").isNotNull())
        )
        diff = fresh.drop("_known").unionByName(left.withColumn(CHANGE, F.lit(DELETED)))
        self.lake.merge(diff, CROSSWALK, schema, {})

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

    def steward(self, *arguments: object) -> Done:
        """`onebook steward …` on this lake."""
        return onebook("steward", *arguments, "--lake", self.lake.uri.removeprefix("file://"))

    def records(self) -> dict[str, list[str]]:
        """Record → its name, phones and numbers."""
        rows = self.lake.read(self.spark, "identity.match_record").collect()
        return {r["record_id"]: [r["name"], *(r["phones"] or []), *(r["ids"] or [])] for r in rows}
