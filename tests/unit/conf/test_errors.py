"""Configuration that can't be right is refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.bank import open_bank
from conf.errors import ConfError

CONTRACT = """system: core
table: customers
description: customers
delivery: {files: "c*.csv", kind: delta}
format: {type: csv}
columns:
  - {name: id, type: string, level: 2, category: key, meaning: id}
  - {name: born, type: date, level: 3, category: quasi_identifier, meaning: birth}
keys: [id]
maps:
  - to: silver.party
    columns:
      party_id: concat('core|', id)
      birth_date: born
"""


def contracts(tmp_path: Path, text: str) -> object:
    """The contracts of a bank whose one source is `text`."""
    folder = tmp_path / "banks" / "tiny" / "sources" / "core"
    folder.mkdir(parents=True)
    (folder / "customers.yml").write_text(text, encoding="utf-8")
    return open_bank("tiny", (tmp_path,)).contracts


@pytest.mark.parametrize(
    ("wrong", "right", "line", "key", "words"),
    [
        ("level: 9", "level: 2", 7, "columns.0.level", "less than or equal to 5"),
        ("kind: sometimes", "kind: delta", 4, "delivery.kind", "full"),
        ("keyz: [id]", "keys: [id]", 9, "keyz", "did you mean keys?"),
        ("concat('core|', idd)", "concat('core|', id)", 13, "maps.0.columns.party_id", "idd"),
        ("concat('core|', id", "concat('core|', id)", 13, "maps.0.columns.party_id", "valid Spark SQL"),
        ("birth_date: code('x', born)", "birth_date: born", 14, "maps.0.columns.birth_date", "code map"),
        ("format: {type: csv, encoding: klingon}", "format: {type: csv}", 5, "format.encoding", "klingon"),
    ],
)
def test_an_error_names_file_line_and_key(
    tmp_path: Path, wrong: str, right: str, line: int, key: str, words: str
) -> None:
    with pytest.raises(ConfError) as caught:
        contracts(tmp_path, CONTRACT.replace(right, wrong))
    told = caught.value
    assert (told.file.endswith("customers.yml"), told.line, told.key) == (True, line, key)
    assert words in str(told)


def test_a_sound_contract_loads(tmp_path: Path) -> None:
    assert [c.bronze for c in contracts(tmp_path, CONTRACT)] == ["bronze.core_customers"]  # type: ignore[attr-defined]


def test_a_further_tree_changes_one_key_and_leaves_the_others(tmp_path: Path) -> None:
    base, over = tmp_path / "base", tmp_path / "over"
    contracts(base, CONTRACT)
    folder = over / "banks" / "tiny" / "sources" / "core"
    folder.mkdir(parents=True)
    (folder / "customers.yml").write_text("delivery: {lateness_days: 9}\n", encoding="utf-8")
    (found,) = open_bank("tiny", (base, over)).contracts
    assert (found.delivery.lateness_days, found.delivery.files) == (9, "c*.csv")


def test_an_unknown_bank_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfError, match="berka"):
        open_bank("nobody")


def test_bad_yaml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfError) as caught:
        contracts(tmp_path, "system: core\ntable: [customers\n")
    assert caught.value.line in (2, 3)
