"""What every table of stewards' words holds beside what is said: by whom, why, when, and what became of it."""

from __future__ import annotations

from typing import Final

from jobs.core.schema import Column, column

NEW: Final = "new"
"""The status of a word before the next run."""
SIGNATURE: Final = (
    column("author", "string", level=2, category="technical", meaning="who decided"),
    column(
        "reason", "string", level=4, category="direct_identifier", meaning="why, in the steward's own words"
    ),
    column("decided_at", "timestamp", level=1, category="time", meaning="when, UTC"),
    column(
        "known_from", "date", level=1, category="time", meaning="business date of the book that it came into"
    ),
    column("batch", "int", level=1, category="technical", meaning="number of the import: 1, 2, 3 …"),
)


def status(meaning: str) -> Column:
    """The column `status`."""
    return column("status", "string", level=1, category="technical", meaning=meaning)
