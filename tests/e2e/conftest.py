"""One small book made by the daily DAG itself: the tests that look at a whole lake share it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scheduled import call, daily, environment

AS_OF = "2025-09-30"


@dataclass(frozen=True)
class Book:
    """What the daily DAG made: its lake, and the state of the run and of each task."""

    lake: Path
    state: str
    tasks: dict[str, str]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """300 customers, three months, brought to the last day by dag.test() in processes of its own."""
    folder = tmp_path_factory.mktemp("book")
    env = environment(
        folder / "airflow",
        ONEBOOK_EXTRACTS=str(folder / "extracts"),
        ONEBOOK_LAKE=str(folder / "lake"),
        ONEBOOK_INGEST_TASKS="2",
    )
    size = ["--customers", "300", "--from", "2025-07-01", "--to", AS_OF, "--out", str(folder / "extracts")]
    call(folder, env, "-m", "jobs", "demo", *size)
    return Book(folder / "lake", *daily(folder, env, AS_OF))
