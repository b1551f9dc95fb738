"""Audiences that stand go in; lists come out once for what they are made of, and again where something kept them back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.cli.book import publish_lists
from jobs.cli.options import Place
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.ledger import Entry
from jobs.gold import audience, eligibility

DAY = date(2025, 12, 31)


@pytest.fixture
def where(spark: SparkSession, lake: Lake) -> Place:
    """A lake whose audiences are empty, and in which lists of an earlier day lie."""
    for table, made in (("gold.audience", audience.SCHEMA), ("gold.eligibility", eligibility.SCHEMA)):
        lake.append(spark.createDataFrame([], made.spark), table, made, {})
    storage.make_folder(storage.join(lake.uri, "publish", "audiences", "earlier", "2025-12-30"))
    return Place("demo", None, lake.uri, ())


def outcomes(where: Place, *signatures: str) -> list[str]:
    """What becomes of the lists in one run after the other, the tables of both unchanged but for what they are made of."""
    run = Run(where.lake, where.ledger, where.bank, DAY, "", 1, {}, lambda *_: None)
    tables = ("gold.audience", "gold.eligibility")
    made = [[Entry(table, DAY, "unchanged", signature) for table in tables] for signature in signatures]
    return [entry.outcome for one in made for entry in publish_lists(where, run, one, lambda _: None)]


def test_lists_go_out_once_for_what_they_are_made_of(where: Place, tmp_path: Path) -> None:
    assert outcomes(where, "as made", "as made", "as made anew") == ["written", "unchanged", "written"]
    assert list(tmp_path.glob("lake/publish/audiences/*/2025-12-31/manifest.json"))
