"""Errors that people read: what is wrong, and the remedy; each with the exit code of the command line."""

from __future__ import annotations

from typing import ClassVar


class OnebookError(Exception):
    """Base: `problem` in words without personal data, and `remedy`."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem} ({remedy})" if remedy else problem)


class SetupError(OnebookError):
    """The machine lacks something."""

    exit_code = 2


class UsageError(OnebookError):
    """A wrong path, table, date or option."""

    exit_code = 2


class DataRefused(OnebookError):  # noqa: N818 - says what happened
    """A delivery or a gate refused: fails at once, a retry would refuse again."""

    exit_code = 3


class Busy(OnebookError):  # noqa: N818 - says what happened
    """Another writer holds the lake: a retry may succeed."""

    exit_code = 4


class BuildError(OnebookError):
    """A job built something that its schema doesn't allow: a fault of the code, not of the data."""
