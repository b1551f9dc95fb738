"""The daily DAG really runs: every task succeeds, in processes of its own, and the book is there."""

from __future__ import annotations

import pytest

from dags.stages import read_graph, stages
from jobs.core import storage
from jobs.core.catalog import Lake
from tests.e2e.conftest import Book

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def test_every_task_of_the_day_succeeds(book: Book) -> None:
    expected = {
        "ready",
        "deliveries",
        "ingest/0",
        "ingest/1",
        "cockpit",
        "quality_docs",
        "verdict",
        *(s.name for s in stages(read_graph())),
    }
    assert {task for task, state in book.tasks.items() if state == "success"} == expected
    assert book.state == "success"


def test_every_table_of_the_graph_stands_in_the_lake(book: Book) -> None:
    found = set(Lake(storage.as_uri(book.lake)).tables())
    owned = {table for job in read_graph() for table in job.tables}
    waiting = {t for t in owned if t.startswith("models.")}  # no model is trained yet
    assert owned - waiting <= found
    assert any(table.startswith("bronze.") for table in found)
