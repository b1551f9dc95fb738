"""`onebook reliability` on a small book: sources that are known to err are measured, and the file it writes is read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from ruamel.yaml import YAML

from conf.bank import Bank, open_bank
from conf.survivorship import SurvivorshipConf
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.ledger import Entry, open_ledger
from jobs.identity import crosswalk
from jobs.registry import registry
from tests.commands import Done, onebook

DAY = date(2025, 9, 1)
CUSTOMERS = 300
WRONG = {"core": 30, "crm": 3, "cards": 10}
"""Of each source every so-many-th mobile number is another's."""


@pytest.fixture
def lake(spark: SparkSession, bank: Bank, silver: Any, tmp_path: Path) -> Path:
    """300 customers, each with a record in three sources."""
    folder = tmp_path / "lake"
    book, parties = Lake(storage.as_uri(folder)), [f"{s}|{n}" for n in range(1, CUSTOMERS + 1) for s in WRONG]
    ledger = open_ledger(book.uri)
    ledger.begin("demo", DAY, "c", "f")
    owned = [{"party_id": p, "customer_id": f"C{p.split('|')[1]}", "source": p.split("|")[0], "kind": "person",
              "since": DAY, "is_live": True} for p in parties]  # fmt: skip
    walk = [tuple(row.get(name) for name in crosswalk.SCHEMA.names) for row in owned]
    frames = {
        "silver.party": silver("party", *({"party_id": p} for p in parties)),
        "silver.party_name": silver("party_name"),
        "silver.identifier": silver("identifier"),
        "silver.address": silver("address"),
        "silver.contact_point": silver("contact_point", *map(_phone, parties)),
        "identity.crosswalk": spark.createDataFrame(walk, crosswalk.SCHEMA.spark),
    }
    for table, frame in frames.items():
        version = book.append(frame, table, registry().schemas[table], {})
        ledger.enter(None, Entry(table, DAY, "written", version=version))
    return folder


def _phone(party_id: str) -> dict[str, Any]:
    source, number = party_id.split("|")
    wrong = int(number) % WRONG[source] == 0
    # Which number is wrong differs by source, as slips do.
    value = f"139{WRONG[source]:02}{int(number):06}" if wrong else f"138{int(number):08}"
    return {"party_id": party_id, "kind": "mobile", "value": value}


def asked(lake: Path, *arguments: object) -> Done:
    return onebook("reliability", "--lake", lake, *arguments)


def test_sources_are_measured_and_the_file_is_configuration(lake: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    file = tree / "banks" / "demo" / "survivorship" / "reliability.yml"
    done = asked(lake, "--output", file, "--json")
    assert done.returncode == 0, done.stderr
    found = {(r["attribute"], r["source"]): r for r in json.loads(done.stdout)["sources"]}
    assert {source: round(found["mobile", source]["right"], 1) for source in WRONG} == {
        "core": 1.0, "crm": 0.7, "cards": 0.9,
    }  # fmt: skip
    assert found["mobile", "core"]["checked"] == CUSTOMERS
    read = open_bank("demo", (tree,)).section("survivorship", SurvivorshipConf).of("mobile")
    assert read.reliability["crm"] == round(found["mobile", "crm"]["right"], 3)
    shown = asked(lake, "--attribute", "mobile").stdout
    assert "crm" in shown
    assert "138" not in shown, "no value of anybody's"


def test_an_attribute_that_nobody_checks_is_told(lake: Path) -> None:
    done = asked(lake, "--attribute", "email")
    assert done.returncode == 2
    assert "no record states email" in done.stderr


def test_what_the_file_holds_of_others_stays(lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "reliability.yml"
    file.write_text(
        "attributes: {email: {reliability: {crm: 0.5}}, mobile: {rules: [vote], reliability: {old: 0.1}}}"
    )
    done = asked(lake, "--attribute", "mobile", "--output", file)
    assert done.returncode == 0, done.stderr
    assert f"wrote {file}" in done.stderr + done.stdout
    held = YAML(typ="safe").load(file)["attributes"]
    assert held["email"] == {"reliability": {"crm": 0.5}}
    assert held["mobile"]["rules"] == ["vote"]
    assert sorted(held["mobile"]["reliability"]) == ["cards", "core", "crm"]


def test_where_the_earliest_counts_sources_differ_by_right(lake: Path) -> None:
    done = asked(lake, "--attribute", "customer_since")
    assert done.returncode == 2
    assert "of customer_since the earliest statement counts" in done.stderr


def test_a_misspelt_attribute_is_told(lake: Path) -> None:
    done = asked(lake, "--attribute", "moblie")
    assert done.returncode == 2
    assert "did you mean mobile?" in done.stderr
