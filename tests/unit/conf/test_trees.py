"""Configuration that nobody would read goes in; where it lies and what to do about it come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.bank import TREE, open_bank
from conf.errors import ConfError
from conf.trees import check_trees
from tests.overlays import laid


def tree(folder: Path, *files: str) -> Path:
    for name in files:
        laid(folder, name, "a: 1\n")
    return folder


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("banks/demo/sources/agency/policies.yaml", "its name ends in .yaml (name it policies.yml)"),
        ("banks/demo/segmnts/rich.yml", "there is no section segmnts (did you mean segments?)"),
        ("shared/sources/agency/policies.yml", "there is no section sources"),
        ("shared/segments/rich/one.yml", "it lies below the folder segments (move it up into that folder)"),
        ("banks/demo/policies.yml", "it lies in no section's folder"),
        ("banks/dmeo/segments/rich.yml", "nothing in it is read for the bank demo (a tree holds banks/demo/"),
        ("sources/agency/policies.yml", "nothing in it is read for the bank demo"),
    ],
)
def test_what_is_not_read_is_refused(tmp_path: Path, file: str, words: str) -> None:
    with pytest.raises(ConfError) as caught:
        check_trees(open_bank("demo", (tree(tmp_path, file),)))
    assert str(tmp_path) in caught.value.file
    assert words in str(caught.value)


def test_all_that_is_not_read_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfError) as caught:
        check_trees(open_bank("demo", (tree(tmp_path, "shared/gate/x.yml", "banks/demo/y.yml"),)))
    assert [Path(e.file).name for e in caught.value.all] == ["x.yml", "y.yml"]


@pytest.mark.parametrize(
    "file",
    [
        "local.yml",
        "shared/segments/rich.yml",
        "banks/demo/sources/agency/policies.yml",
        "banks/demo/expectations/silver/holding.yml",
    ],
)
def test_what_is_read_is_not(tmp_path: Path, file: str) -> None:
    check_trees(open_bank("demo", (tree(tmp_path, file, "README.md", "banks/other/x.yml"),)))


@pytest.mark.parametrize("bank", [p.name for p in sorted((TREE / "banks").iterdir())])
def test_every_file_of_ours_is_read(bank: str) -> None:
    check_trees(open_bank(bank))
