"""README's worked example, typed in as it stands there: its files go in, holdings come out."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from tests.commands import Done, onebook
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DAY = "2026-03-01"


def block(language: str, first: str = "") -> re.Match[str]:
    found = re.search(rf"```{language}\n{first}(.*?)```", README, re.DOTALL)
    assert found is not None
    return found


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A folder with the example's configuration and its delivery."""
    contract = block("yaml", r"# conf/(\S+)\n")
    files = {
        f"conf/{contract[1]}": contract[2],
        f"extracts/agency/{DAY}/policies.csv": block("csv")[1],
        f"extracts/agency/{DAY}/manifest.json": block("json")[1],
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def run(bank: Path, *more: str) -> Done:
    return onebook(
        "run", "--extracts", bank / "extracts", "--lake", bank / "lake", "--conf", bank / "conf", "--as-of", DAY,
        "--systems", "agency", "--to-table", "silver.holding", "--json", *more,
    )  # fmt: skip


def test_the_worked_example_is_taken_in_and_its_policies_are_holdings(
    spark: SparkSession, lake: Lake, bank: Path
) -> None:
    done = run(bank)
    assert done.returncode == 0, done.stderr
    told = {line["table"]: line for line in map(json.loads, done.stdout.splitlines())}
    counts = [(told[t]["in"], told[t]["out"]) for t in ("bronze.agency_policies", "silver.holding")]
    assert counts == [(2, 2), (2, 2)]
    rows = lake.read(spark, "silver.holding").orderBy("holding_id").collect()
    assert [(r["holding_id"], r["party_id"], r["product_id"], r["opened_on"]) for r in rows] == [
        ("agency|P-1001", "agency|10023", "agency|TERM20", date(2026, 3, 1)),
        ("agency|P-1002", "agency|10057", "agency|ENDOW10", date(2026, 2, 27)),
    ]
    assert [f for f in (bank / "lake").rglob("*") if f.stat().st_mode & 0o007] == []  # nobody else may read
    again = [json.loads(line) for line in run(bank).stdout.splitlines()]
    assert {line["outcome"] for line in again} == {"unchanged"}


def test_without_its_manifest_it_waits_and_says_for_what(bank: Path) -> None:
    (bank / f"extracts/agency/{DAY}/manifest.json").unlink()
    done = run(bank)
    assert done.returncode == 3
    [refused] = [r for r in map(json.loads, done.stdout.splitlines()) if r["outcome"] == "refused"]
    assert refused["table"] == "bronze.agency_policies"
    assert "wait for manifest.json" in refused["message"]


def test_a_corrected_mapping_is_told_of_until_what_came_before_is_made_anew(
    spark: SparkSession, lake: Lake, bank: Path
) -> None:
    def holding(*more: str) -> tuple[str, str | None, set[str]]:
        done = run(bank, *more)
        told = {line["table"]: line for line in map(json.loads, done.stdout.splitlines())}["silver.holding"]
        rows = lake.read(spark, "silver.holding").select("role").collect()
        return told["outcome"], told["message"], {r["role"] for r in rows}

    assert holding() == ("written", None, {"owner"})
    [contract] = bank.glob("conf/**/policies.yml")
    contract.write_text(contract.read_text("utf-8").replace("\"'owner'\"", "\"'user'\""), "utf-8")
    outcome, message, roles = holding()
    assert (outcome, roles) == ("unchanged", {"owner"})
    assert message is not None
    assert "mapping of bronze.agency_policies changed" in message
    assert "--rebuild silver.holding" in message
    assert holding("--rebuild", "silver.holding") == ("written", None, {"user"})
    assert holding() == ("unchanged", None, {"user"})
