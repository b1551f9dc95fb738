"""What every step of one run shares: the lake, the ledger, the bank, the business date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from conf.bank import Bank
from expectations.gate import Suite, load_suite
from expectations.verdict import Verdict
from jobs.core.catalog import Lake
from jobs.core.errors import BuildError
from jobs.core.ledger import Ledger
from jobs.core.schema import Schema

Champions = Callable[[str, str | None], Any]
"""Model name and pinned version (or None for the champion) → the loaded champion, or None."""


@dataclass(frozen=True, slots=True)
class Run:
    """What every step of one run shares."""

    lake: Lake
    ledger: Ledger
    bank: Bank
    as_of: date
    code: str
    run_id: int
    schemas: Mapping[str, Schema]
    champions: Champions
    rebuild: frozenset[str] = frozenset()
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def suite_folders(self) -> tuple[Path, ...]:
        """Folders of the bank's own rules, laid over the common ones."""
        folders = (tree / "banks" / self.bank.name / "expectations" for tree in self.bank.trees)
        return tuple(f for f in folders if f.is_dir())

    def suite(self, table: str) -> Suite:
        """The table's suite, the bank's own rules laid over. Raises BuildError where it has none."""
        suite = load_suite(table, *self.suite_folders)
        if suite is None:
            raise BuildError(
                f"{table} has no suite", f"write expectations/suites/{table.replace('.', '/')}.yml"
            )
        return suite
