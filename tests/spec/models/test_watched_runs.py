"""A champion is changed between runs: the date that was run keeps its version, the next one has the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import SparkSession

from conf.bank import TREE, Bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.job import Job
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.gold import feature, model_drift, model_outcome, model_retrain
from jobs.registry import registry
from models.churn import score as churn_score
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.reference import Reference

D1, D2 = date(2025, 1, 31), date(2025, 2, 28)
SCORES = np.random.default_rng(0).beta(1, 5, 400)
CHAMPION = Champion(
    name="churn", version=2, as_of="2024-12-31", horizon_months=6, booster="", features=("tenure",), categories={},
    calibration=Calibration(), quantiles=(), metrics={},
    reference={"score": Reference.of(SCORES), "tenure": Reference.of(np.arange(400.0))},
)  # fmt: skip


class Book:
    """A lake with features and churn scores of both dates, and a run of the jobs that watch."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.lake = spark, Lake(storage.as_uri(folder))
        self.ledger, self.champion = open_ledger(self.lake.uri), CHAMPION
        for day, version in ((D1, 2), (D2, 1)):
            self.write(
                "gold.feature", feature, [(f"C{i}", day, [("tenure", float(i))], "d") for i in range(400)]
            )
            told: list[tuple[Any, ...]] = [
                (f"C{i}", day, float(s), float(s), 0.5, "low", 6, [], version) for i, s in enumerate(SCORES)
            ]
            self.write("models.churn_score", churn_score, told)
        self.write("gold.model_outcome", model_outcome, [])

    def write(self, table: str, module: Any, rows: list[tuple[Any, ...]]) -> None:
        frame = self.spark.createDataFrame(rows, module.SCHEMA.spark)
        version = self.lake.append(frame, table, module.SCHEMA, {})
        self.ledger.enter(None, Entry(table, D1, "written", version=version))

    def run(self, job: Job, as_of: date) -> Entry:
        run = Run(
            lake=self.lake, ledger=self.ledger, bank=Bank("demo", (TREE,)), as_of=as_of, code="c",
            run_id=self.ledger.begin("demo", as_of, "c", "f"), schemas=registry().schemas, champions=self.find,
        )  # fmt: skip
        return Step(run, job, self.spark.newSession()).take()[0]

    def find(self, name: str, pinned: str | None) -> Champion | None:
        """As the registry answers: the pinned version, else the champion."""
        if name != "churn":
            return None
        return replace(CHAMPION, version=int(pinned)) if pinned else self.champion

    def drifted(self) -> set[tuple[date, int, str]]:
        rows = self.lake.read(self.spark, "gold.model_drift").collect()
        return {(r["as_of"], r["model_version"], r["subject"]) for r in rows}


def test_a_date_is_watched_under_the_version_that_scored_it(spark: SparkSession, tmp_path: Path) -> None:
    book = Book(spark, tmp_path / "lake")
    first = {(D1, 2, "score"), (D1, 2, "tenure")}
    assert book.run(model_drift.JOB, D1).gate == "ok"
    assert book.drifted() == first
    book.champion = replace(CHAMPION, version=1)  # rolled back
    assert book.run(model_drift.JOB, D1).outcome == "unchanged"
    assert book.run(model_drift.JOB, D2).outcome == "written"
    assert book.drifted() == {*first, (D2, 1, "score"), (D2, 1, "tenure")}
    assert book.run(model_retrain.JOB, D2).gate == "ok"
    verdicts = book.lake.read(spark, "gold.model_retrain").collect()
    assert {r["model"]: (r["model_version"], r["is_due"]) for r in verdicts} == {
        "churn": (1, False), "clv": (None, True), "cross_sell": (None, True), "default": (None, True),
        "uplift": (None, True),
    }  # fmt: skip
