"""Which registry a bank's models are in, and under which names: several banks may share one.

People say `churn`; the registry and its experiments say `<bank>.churn`. Nothing else puts the two together.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SQLITE: Final = "sqlite:///"
DOT: Final = "."
"""Between bank and model; no model has one in its name, so a bank may."""
WAITING_SQL: Final = """
    SELECT 1 FROM registered_models o
    WHERE o.name NOT LIKE '%.%' AND coalesce(o.name = ?, true)
        AND NOT EXISTS (SELECT 1 FROM registered_models n WHERE n.name = ? || o.name)
"""


@dataclass(frozen=True, slots=True)
class Registry:
    """One bank's part of the MLflow registry at `uri`."""

    uri: str
    bank: str

    def registered(self, model: str) -> str:
        """The name that the registry knows the bank's `model` by; its experiment has the same."""
        return f"{self.bank}{DOT}{model}"

    def model(self, registered: str) -> str | None:
        """What people call it; None for what isn't this bank's."""
        bank, _, model = registered.rpartition(DOT)
        return model if bank == self.bank and model else None

    @property
    def file(self) -> Path | None:
        """The SQLite file that it is; None for a server."""
        return Path(self.uri.removeprefix(SQLITE)) if self.uri.startswith(SQLITE) else None

    def may_wait(self, model: str | None = None) -> bool:
        """Whether `model` (default: any) may stand there under a name without the bank alone; a server must be asked."""
        return self.file is None or bool(self.rows(WAITING_SQL, model, f"{self.bank}{DOT}"))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asked of the SQLite file itself, because importing mlflow costs seconds. Empty where no training has filled it."""
        if self.file is None or not self.file.is_file():
            return []
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError:  # no tables yet
                return []
