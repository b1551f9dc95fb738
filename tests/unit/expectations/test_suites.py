"""Every table has a suite; every suite is one that Great Expectations takes; every rule reads columns that are there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.errors import ConfError
from expectations.gate import SUITES, Suite, load_suite
from jobs.core.job import Job
from jobs.core.schema import Schema
from jobs.registry import registry

BANKS = Path(__file__).resolve().parents[3] / "conf" / "banks"
TREES = tuple(sorted(BANKS.glob("*/expectations")))
BRONZE_TRACE = {"_system", "_file", "_row", "_batch", "_delivered", "_history", "_subject"}


def _tables() -> Iterator[tuple[str, Schema, Job]]:
    for job in registry().jobs:
        for table, output in job.outputs.items():
            yield table, output.schema, job


def _suites() -> Iterator[Suite]:
    for tree in (SUITES, *TREES):
        for file in sorted(tree.glob("*/*.yml")):
            suite = load_suite(f"{file.parent.name}.{file.stem}", *TREES)
            assert suite is not None
            yield suite


def test_every_table_has_a_suite_of_its_own() -> None:
    lacking = [t for t, _, _ in _tables() if not (SUITES / f"{t.replace('.', '/')}.yml").is_file()]
    assert not lacking


def test_every_bronze_table_has_the_common_suite() -> None:
    suite = load_suite("bronze.any_contract")
    assert suite is not None
    assert {c for r in suite.rules for c in r.columns} <= BRONZE_TRACE


def test_every_rule_reads_columns_that_its_table_has() -> None:
    strays = {
        f"{table}: {rule.name}": sorted(rule.columns - set(schema.names))
        for table, schema, _ in _tables()
        if (suite := load_suite(table, *TREES))
        for rule in suite.rules
        if rule.columns - set(schema.names)
    }
    assert not strays


def test_every_suite_judges_its_tables_key() -> None:
    for table, schema, _ in _tables():
        suite = load_suite(table)
        assert suite is not None
        refused = {c for r in suite.rules if r.type.endswith("not_be_null") for c in r.columns}
        unique = [r.columns for r in suite.rules if r.type.endswith("be_unique")]
        assert set(schema.key) <= refused | {"valid_from"}, table
        assert frozenset(schema.key) in unique, table


def test_a_suite_looks_only_into_tables_that_its_job_reads() -> None:
    # Else the verdict would depend on which of two tables ran first.
    for table, _, job in _tables():
        suite = load_suite(table, *TREES)
        assert suite is not None
        assert suite.references <= {*job.input_tables.values(), *job.outputs}, table


def test_great_expectations_takes_every_suite() -> None:
    suite_type = importlib.import_module(
        "great_expectations"
    ).ExpectationSuite  # 11 s: not for every test here
    loaded = list(_suites())
    assert len(loaded) > 30
    for suite in loaded:
        assert suite.for_engine == (), f"{suite.table} has rules that cost a start of Great Expectations"
        made = suite_type(suite.table, expectations=suite.config)
        assert [e.meta["rule"] for e in made.expectations] == [r.name for r in suite.rules]
        assert [e.severity.value for e in made.expectations] == [r.severity for r in suite.rules]


def _broken(tmp_path: Path, text: str) -> str:
    file = tmp_path / "silver" / "odd.yml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(ConfError) as caught:
        load_suite("silver.odd", tmp_path)
    return str(caught.value).removeprefix(str(tmp_path))


GOOD = "{type: expect_column_values_to_not_be_null, kwargs: {column: a}, severity: critical, meta: {rule: a_missing, action: quarantine}}"


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (GOOD.replace("severity: critical", "severity: grave"), "silver/odd.yml:2: expectations.0.severity:"),
        (GOOD.replace("meta: {rule: a_missing,", "meta: {rule: A missing,"), "expectations.0.meta.rule:"),
        (
            GOOD + "\n  - " + GOOD,
            "silver/odd.yml:3: expectations.1 (a_missing): a rule of this name stands above",
        ),
        (
            GOOD.replace("values_to_not_be_null", "values_to_be_unique"),
            "can't tell which row is bad (use fail or warn)",
        ),
        (
            "{type: unexpected_rows_expectation, kwargs: {unexpected_rows_query: SELECT 1}, severity: info, meta: {rule: q, action: warn}}",
            "the query doesn't read {batch}",
        ),
    ],
)
def test_a_faulty_suite_is_named_by_file_line_and_key(tmp_path: Path, rules: str, told: str) -> None:
    assert told in _broken(tmp_path, f"expectations:\n  - {rules}\n")


def test_a_banks_rules_add_to_the_common_ones_and_replace_those_of_the_same_name(tmp_path: Path) -> None:
    file = tmp_path / "silver" / "branch.yml"
    file.parent.mkdir()
    own = GOOD.replace("a_missing", "source_missing").replace("column: a", "column: name")
    file.write_text(f"expectations:\n  - {own}\n  - {GOOD}\n")
    common, laid = load_suite("silver.branch"), load_suite("silver.branch", tmp_path)
    assert common is not None
    assert laid is not None
    assert [r.name for r in laid.rules] == [*(r.name for r in common.rules), "a_missing"]
    assert {r.name: r.columns for r in laid.rules}["source_missing"] == {"name"}
    assert common.hash != laid.hash
    assert load_suite("silver.no_such_table") is None


def test_the_hot_path_does_not_load_great_expectations() -> None:
    code = "import sys, expectations.gate, expectations.quarantine, expectations.results, expectations.engine, expectations.docs; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=BANKS.parents[1], check=False).returncode == 0
