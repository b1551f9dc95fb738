"""What can become of a delivery: one named outcome for each thing that goes wrong, with its remedy.

A delivery with a refusing finding is refused whole and nothing of it is loaded; a recording finding is
kept in the ledger while the delivery goes in. Single bad rows are no outcome: they go to quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Severity = Literal["refuse", "record"]


class Outcome(Enum):
    """Every outcome, the most telling first: where several apply, the first names the delivery's fate."""

    UNSAFE_PATH = ("unsafe_path", "refuse", "deliver plain files inside the dated folder; no links, no `..`")
    ANOTHER_BANK = ("another_bank", "refuse", "check which bank's folder the file was put into")
    WRONG_DATE = ("wrong_date", "refuse", "put the delivery into the folder of its own business date")
    ABSENT_MANIFEST = (
        "absent_manifest",
        "refuse",
        "wait for manifest.json, which the source writes last, or have it sent",
    )
    BAD_MANIFEST = ("bad_manifest", "refuse", "have the source write manifest.json again")
    MISSING_FILE = ("missing_file", "refuse", "have the source deliver the file its manifest lists")
    UNLISTED_FILE = ("unlisted_file", "refuse", "list the file in the manifest, or take it out of the folder")
    STILL_BEING_WRITTEN = ("still_being_written", "refuse", "run again when the transfer has ended")
    EMPTY_FILE = (
        "empty_file",
        "refuse",
        "deliver again; if nothing changed that day, say rows: 0 in the manifest",
    )
    CHANGED_CONTENT = (
        "changed_content",
        "refuse",
        "run with --replace-delivery if this is a correction of what was taken in before",
    )
    ZIP_BOMB = (
        "zip_bomb",
        "refuse",
        "deliver the file in smaller parts, and ask the source what it contains",
    )
    WRONG_ENCODING = (
        "wrong_encoding",
        "refuse",
        "deliver in the encoding of the contract, or correct the contract",
    )
    MISSING_COLUMN = (
        "missing_column",
        "refuse",
        "deliver every column of the contract, or change the contract",
    )
    EXTRA_COLUMN = ("extra_column", "refuse", "describe and classify the new column in the contract first")
    REORDERED_COLUMNS = ("reordered_columns", "refuse", "deliver the columns in the order of the contract")
    MALFORMED = ("malformed", "refuse", "check delimiter, quoting and widths against the contract")
    TRUNCATED = ("truncated", "refuse", "deliver the file again, whole")
    WRONG_ROW_COUNT = ("wrong_row_count", "refuse", "have the source compare its file with its manifest")
    WRONG_CONTROL_TOTAL = (
        "wrong_control_total",
        "refuse",
        "have the source compare its file with its manifest",
    )
    WRONG_CHECKSUM = (
        "wrong_checksum",
        "refuse",
        "transfer the file again; it isn't the one the manifest describes",
    )
    DUPLICATE = ("duplicate", "record", "nothing to do: the same content is already in, nothing was added")
    LATE = ("late", "record", "nothing to do: taken in; tables that depend on that date are rebuilt")
    UNVERIFIED_CONTROL_TOTAL = (
        "unverified_control_total",
        "record",
        "look at the quarantined rows: the total can't be compared without their amounts",
    )

    def __init__(self, label: str, severity: Severity, remedy: str) -> None:
        self.label = label
        self.severity: Severity = severity
        self.remedy = remedy

    @property
    def rank(self) -> int:
        """Position in this list: lower is more telling."""
        return list(Outcome).index(self)

    @classmethod
    def named(cls, label: str) -> Outcome:
        """The outcome of that label; KeyError if there is none."""
        for outcome in cls:
            if outcome.label == label:
                return outcome
        raise KeyError(label)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found about a delivery: what, in which file (URI), in words without personal data."""

    outcome: Outcome
    file: str
    what: str

    @property
    def message(self) -> str:
        """Outcome, file, what was found, remedy: one line for people."""
        return f"{self.outcome.label}: {self.file}: {self.what} ({self.outcome.remedy})"


def worst(findings: Iterable[Finding]) -> Finding | None:
    """The finding that names the delivery's fate: refusing before recording, then the most telling."""
    return min(findings, key=lambda f: (f.outcome.severity != "refuse", f.outcome.rank), default=None)


def refused(findings: Iterable[Finding]) -> bool:
    """Whether any finding refuses the delivery."""
    return any(f.outcome.severity == "refuse" for f in findings)
