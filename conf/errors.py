"""The one error of configuration: it names file, line and key, what is wrong, and the remedy."""

from __future__ import annotations

from collections.abc import Sequence


class ConfError(ValueError):
    """A configuration file can't be used. str() is the message for people. `more`: what else was found with it."""

    def __init__(self, file: str, line: int | None, key: str, problem: str, remedy: str = "") -> None:
        self.file, self.line, self.key, self.problem, self.remedy = file, line, key, problem, remedy
        self.more: tuple[ConfError, ...] = ()
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{where}:{key} {self.problem}{remedy}"

    @property
    def all(self) -> tuple[ConfError, ...]:
        """This and what else was found with it."""
        return (self, *(e for one in self.more for e in one.all))


def together(errors: Sequence[ConfError]) -> ConfError:
    """The first of at least one error, with the others."""
    first, *others = errors
    first.more = (*first.more, *others)
    return first
