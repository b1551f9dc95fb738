"""What people mistype goes in; a message that names it and the remedy comes out, with an exit code and no trace."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jobs.core.ledger import Entry, open_ledger
from jobs.core.storage import as_uri
from tests.commands import Done, onebook
from tests.overlays import laid
from tests.unit.conf.test_errors import CONTRACT


def overlay(folder: Path, **changes: str) -> Path:
    """A tree with one more source of the demonstration bank, each right text changed into a wrong one."""
    text = CONTRACT.replace("system: core", "system: agency").replace("core|", "agency|")
    for right, wrong in changes.items():
        assert right in text
        text = text.replace(right, wrong)
    laid(folder, "banks/demo/sources/agency/customers.yml", text)
    return folder


def refused(done: Done) -> str:
    """The message of a command that a person got wrong."""
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    return " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["validate", "--bank", "dmeo"], "no such bank (did you mean demo?)"),
        (["validate", "--conf", "/nowhere"], "/nowhere: --conf: no such folder"),
        (["list", "--bank", "icbc"], "no such bank (known are berka, demo)"),
        (["run", "--extracts", "/nowhere"], "there is no folder file:///nowhere (give the extracts' folder with"),
        (["run", "--as-of", "2026-02-30"], "'2026-02-30' is no date: write YYYY-MM-DD, such as 2026-03-01"),
        (["run", "--as-of", "2026-03-01", "--tables", "gold.profil"], "did you mean gold.customer_profile"),
        (["run", "--from", "2026-03-02", "--to", "2026-03-01"], "--to 2026-03-01 lies before --from 2026-03-02"),
        (["run", "--rebuild", "gold.feature", "--tables", "gold.segment_member"], "leaves out: gold.feature"),
        (["show", "gold.customer_profile", "--lake", "/nowhere"], "there is no lake at file:///nowhere"),
        (["explain", "C1", "--lake", "/nowhere"], "there is no lake at file:///nowhere"),
        (["models", "list", "--lake", "/nowhere"], "there is no lake at file:///nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_the_message_says_what_and_the_remedy(arguments: list[str], words: str) -> None:
    done = onebook(*arguments, *(["--json"] if "--tables" in arguments else []))
    assert words in refused(done)
    assert done.stdout == ""


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    tree = overlay(tmp_path, **{"keys: [id]": "kyes: [id]", "type: csv": "type: cvs"})
    (tree / "local.yml").write_text("runer: {parallel: 2}\n")
    done = onebook("validate", "--conf", tree, "--json")
    said = refused(done)
    for words in ("customers.yml:9: kyes: unknown key (did you mean keys?)", "customers.yml:5: format.type: 'cvs' is none of what may stand here (did you mean csv?)",
                  "local.yml:1: runer: unknown key (did you mean runner?)"):  # fmt: skip
        assert words in said
    told = json.loads(done.stdout)
    assert told["valid"] is False
    assert [(Path(p["file"]).name, p["line"], p["key"]) for p in told["problems"]] == [
        ("local.yml", 1, "runer"), ("customers.yml", 9, "kyes"), ("customers.yml", 5, "format.type"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("birth_date: born", "birth_date: bron", "14: maps.0.columns.birth_date: reads unknown column bron; did you mean born?"),
        ("birth_date: born", "birth_date: to_dat(born)", "calls to_dat, which Spark doesn't have; did you mean to_date?"),
        ("birth_date: born", "birth_date: born +", "isn't valid Spark SQL: 'born +' (Required keyword: 'expression' missing for Add)"),
        ("to: silver.party", "to: silver.partys", "no canonical table silver.partys (did you mean silver.party?)"),
        ("kind: delta", "kind: detla", "delivery.kind: 'detla' is none of what may stand here (did you mean delta?)"),
        ("type: date", "type: dat", "columns.1.type: there is no type 'dat'; known are string, int"),
        ("description: customers\n", "", "description: is missing (add it)"),
        ("system: agency\ntable: customers", "system: core\ntable: customers", "core_customers is defined in"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_contract_is_named(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    assert words in refused(onebook("validate", "--conf", overlay(tmp_path, **{right: wrong})))


def test_a_list_that_nobody_looks_at_is_not_folded() -> None:
    lines = onebook("list").stdout.splitlines()
    assert any("models.cross_sell_score" in line for line in lines)


@pytest.mark.parametrize("command", ["run", "train", "maintain", "show", "explain", "quality", "cockpit"])
def test_another_banks_lake_is_neither_written_nor_read(tmp_path: Path, command: str) -> None:
    lake = tmp_path / "lake"
    open_ledger(as_uri(lake)).begin("demo", date(2025, 12, 31), "c", "f")
    words: dict[str, list[str | Path]] = {
        "run": ["--as-of", "1994-03-30", "--extracts", tmp_path],
        "show": ["gold.customer_profile"],
        "explain": ["C1"],
    }
    said = refused(onebook(command, "--bank", "berka", "--lake", lake, *words.get(command, [])))
    assert (
        "holds the book of the bank demo, not berka's (give --bank demo, or another --lake for berka)" in said
    )


def test_a_mistyped_year_does_not_bring_the_book_there(tmp_path: Path) -> None:
    (tmp_path / "ex/core/2025-12-31").mkdir(parents=True)
    done = onebook("run", "--as-of", "2052-12-31", "--extracts", tmp_path / "ex", "--lake", tmp_path / "lake")
    assert "2052-12-31 lies far after the newest delivery, of 2025-12-31 (check the year)" in refused(done)
    assert not (tmp_path / "lake").exists()


def test_nor_does_it_where_nothing_is_taken_in(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    open_ledger(as_uri(lake)).enter(None, Entry("gold.customer_profile", date(2025, 12, 31), "written"))
    done = onebook("run", "--as-of", "2052-12-31", "--tables", "gold.customer_profile", "--lake", lake)
    assert "2052-12-31 lies far after the newest delivery, of 2025-12-31 (check the year)" in refused(done)


def test_a_suite_of_no_table_is_named(tmp_path: Path) -> None:
    laid(tmp_path, "banks/demo/expectations/silver/holdings.yml", "expectations: []\n")
    said = refused(onebook("validate", "--conf", tmp_path))
    assert "there is no table silver.holdings to judge (did you mean silver.holding?)" in said
