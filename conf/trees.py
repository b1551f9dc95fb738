"""Configuration that nobody would read: a misspelt folder, another ending, a tree that has nothing of the bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conf.bank import TREE, Bank
from conf.errors import ConfError, together
from conf.sections import SECTIONS
from conf.wording import near

DEEP: Final = ("sources", "expectations")
"""Folders of a bank whose files lie in folders of their own."""


def check_trees(bank: Bank) -> None:
    """Raises ConfError for files that look like configuration of the bank and are not read."""
    if found := [problem for tree in bank.trees for problem in _unread(tree, bank.name)]:
        raise together(found)


def _unread(tree: Path, bank: str) -> Iterator[ConfError]:
    files = [*_files(tree / "shared"), *_files(tree / "banks" / bank)]
    for file in files:
        if found := _fault(file, tree):
            yield ConfError(str(file), None, "", f"isn't read: {found[0]}", found[1])
    if tree != TREE and not files and not any(tree.glob("*.yml")):
        remedy = (
            f"a tree holds banks/{bank}/sources/…, banks/{bank}/<section>/…, shared/<section>/… or local.yml"
        )
        yield ConfError(str(tree), None, "--conf", f"nothing in it is read for the bank {bank}", remedy)


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.suffix in (".yml", ".yaml"))


def _fault(file: Path, tree: Path) -> tuple[str, str] | None:
    """(what is wrong with where it lies, remedy)."""
    scope, *parts = file.relative_to(tree).parts
    folders = parts[:-1] if scope == "shared" else parts[1:-1]
    known = sorted(SECTIONS) if scope == "shared" else [*DEEP, *sorted(SECTIONS)]
    if not folders:
        return "it lies in no section's folder", f"sections are {', '.join(known)}"
    if folders[0] not in known:
        return f"there is no section {folders[0]}", near(folders[0], known)
    if file.suffix == ".yaml":
        return "its name ends in .yaml", f"name it {file.stem}.yml"
    if folders[0] not in DEEP and len(folders) > 1:
        return f"it lies below the folder {folders[0]}", "move it up into that folder"
    return None
