"""A bank's whole configuration: its source contracts and its sections, in layers laid one over another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from conf.checks import check_contract, check_names
from conf.contracts import SourceContract
from conf.errors import ConfError, together
from conf.located import Located, load_all
from conf.wording import near

TREE: Final = Path(__file__).resolve().parent
Model = TypeVar("Model", bound=BaseModel)
Thing = TypeVar("Thing")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Bank:
    """One bank as configured. `trees` are configuration trees, the later laid over the earlier."""

    name: str
    trees: tuple[Path, ...]

    @cached_property
    def contracts(self) -> tuple[SourceContract, ...]:
        """Every source contract, in the order of its system and table; SQL checked. Raises ConfError for all faults."""
        return tuple(contract for contract, _ in self.located_contracts)

    @cached_property
    def located_contracts(self) -> tuple[tuple[SourceContract, Located], ...]:
        """The contracts, each with where its keys stand."""
        read = _each(self.source_files(), lambda files: _contract(load_all(files)))
        check_names(read)
        tables = {contract.name for contract, _ in read}
        _each(read, lambda one: check_contract(one[1], one[0], tables))
        return tuple(sorted(read, key=lambda one: one[0].name))

    def contract(self, bronze: str) -> SourceContract:
        """The contract of `bronze.<system>_<table>`. Raises KeyError."""
        for contract in self.contracts:
            if contract.bronze == bronze:
                return contract
        raise KeyError(bronze)

    def section(self, name: str, model: type[Model]) -> Model:
        """All files of a section (`segments`, `matching`, …), merged and read as `model`."""
        return self.located(name).read(model)

    def located(self, name: str) -> Located:
        """A section's merged data with the file and line of each key; read once, like the contracts."""
        if name not in self._sections:
            self._sections[name] = load_all(self.section_files(name))
        return self._sections[name]

    @cached_property
    def _sections(self) -> dict[str, Located]:
        return {}

    def section_files(self, name: str) -> list[Path]:
        """The files of a section, lowest layer first: shared, then the bank's, tree by tree."""
        folders = [tree / scope / name for tree in self.trees for scope in ("shared", f"banks/{self.name}")]
        return [file for folder in folders for file in sorted(folder.glob("*.yml"))]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every configuration file that this bank reads: the ledger pins it for each run."""
        digest = hashlib.sha256(self.name.encode())
        for file in self._every_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def source_files(self) -> list[list[Path]]:
        """For each contract the files that make it: the same relative path in each tree."""
        layers: dict[str, list[Path]] = {}
        for tree in self.trees:
            root = tree / "banks" / self.name / "sources"
            for file in sorted(root.rglob("*.yml")):
                layers.setdefault(file.relative_to(root).as_posix(), []).append(file)
        return list(layers.values())

    def _every_file(self) -> Iterator[Path]:
        for tree in self.trees:
            for scope in ("shared", f"banks/{self.name}"):
                yield from sorted((tree / scope).rglob("*.yml"))


def _contract(where: Located) -> tuple[SourceContract, Located]:
    return where.read(SourceContract), where


def _each(things: Iterable[Thing], made: Callable[[Thing], Made]) -> list[Made]:
    """`made` of each. Raises the ConfErrors of all together."""
    done, faults = [], []
    for thing in things:
        try:
            done.append(made(thing))
        except ConfError as fault:
            faults.append(fault)
    if faults:
        raise together(faults)
    return done


def open_bank(name: str, overlays: tuple[Path, ...] = ()) -> Bank:
    """The bank `name`. Raises ConfError with the nearest name, else the known ones, where there is none of that name."""
    for overlay in overlays:
        if not overlay.is_dir():
            raise ConfError(str(overlay), None, "--conf", "no such folder", "give a configuration tree")
    bank = Bank(name, (TREE, *overlays))
    if not any((tree / "banks" / name).is_dir() for tree in bank.trees):
        known = known_banks(bank.trees)
        remedy = near(name, known, f"known are {', '.join(known)}")
        raise ConfError("conf/banks", None, name, "no such bank", remedy)
    return bank


def known_banks(trees: tuple[Path, ...] = (TREE,)) -> list[str]:
    """Names of the banks that any of the trees configures."""
    return sorted({d.name for tree in trees for d in (tree / "banks").glob("*") if d.is_dir()})
