"""The one error of configuration: it names file, line and key, what is wrong, and the remedy."""

from __future__ import annotations


class ConfError(ValueError):
    """A configuration file can't be used. str() is the message for people."""

    def __init__(self, file: str, line: int | None, key: str, problem: str, remedy: str = "") -> None:
        self.file, self.line, self.key, self.problem, self.remedy = file, line, key, problem, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{where}:{key} {self.problem}{remedy}"
