"""The generated pages say what schemas say, the same each time, without a Spark session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jobs.core.job import Append, Conformed, Job, Snapshot
from jobs.core.schema import Schema, column, schema
from jobs.docs import model, picture

ROOT = Path(__file__).resolve().parents[2]


def party(**options: bool) -> Schema:
    return schema(
        column("party_id", "string", level=2, category="key", meaning="source|own key"),
        column("born", "date", level=3, category="quasi_identifier", meaning="date of birth"),
        key="party_id",
        subject="party_id",
        **options,
    )


SILVER = Job("silver.party", {"rows": Conformed()}, lambda rows: rows, party(), Append(), "one row per party")
SCORE = Job(
    "models.score", {"p": "silver.party"}, lambda p: p, party(), Snapshot(), "one row per party and date"
)
SEGMENT = Job(
    "gold.segment", {"p": "models.score"}, lambda p: p, party(restricted=True), Snapshot(), "a member."
)


def test_a_table_shows_its_grain_key_subject_and_each_column_classified() -> None:
    page = model.page([SILVER])
    assert "### silver.party\n\nOne row per party. Written: appended, exactly once" in page
    assert "Key: `party_id`. Subject: `party_id`.\n" in page
    assert "| **party_id** | `string` | 2 | key | source\\|own key |\n" in page
    assert "| born | `date` | 3 | quasi_identifier | date of birth |\n" in page
    assert "**Restricted.**" not in page.split("## The runner's own")[0]
    assert "| [silver.party](#silverparty) | daily | 3 |  |\n" in page


def test_restricted_tables_are_marked_and_layers_stand_in_the_order_of_the_house() -> None:
    page = model.page([SILVER, SCORE, SEGMENT])
    assert "**Restricted.**" in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## silver",
        "## gold",
        "## models",
        "## The runner's own",
    ]


def test_the_graph_joins_sources_to_what_they_fill() -> None:
    assert picture.graph([SILVER, SCORE, SEGMENT]) == {
        "silver.party": ["bronze.*"],
        "models.score": ["silver.party"],
        "gold.segment": ["models.score"],
    }


def test_the_picture_names_every_table_and_is_the_same_each_time() -> None:
    drawn = picture.svg([SILVER, SCORE, SEGMENT])
    assert drawn == picture.svg([SILVER, SCORE, SEGMENT])
    for label in ("source contracts", "silver.party", "models.score", "gold.segment"):
        assert f">{label}<".encode() in drawn


def test_the_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_option_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.docs", "--wrong"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage" in done.stderr
