"""A delivery: what a source sent of one table for one business date, and the files it consists of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from jobs.bronze.outcomes import Finding

ID_LENGTH: Final = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file. `name` is relative to the extracts root; bytes and modified (ns) are what stands in the
    folder; sha256 is what the batch id is made of (None where the file is unsafe to open); rows, the
    claims and the totals are the manifest's, None where it says nothing.
    """

    uri: str
    name: str
    bytes: int
    modified: int
    sha256: str | None = None
    rows: int | None = None
    claimed_bytes: int | None = None
    claimed_sha256: str | None = None
    control_totals: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """All files of a contract for one business date. `findings` are those that need no look inside."""

    contract: str
    business_date: date
    kind: Literal["history", "daily"]
    files: tuple[FileRef, ...]
    manifest_uri: str | None
    batch_id: str
    findings: tuple[Finding, ...] = ()

    @property
    def content(self) -> str:
        """Hash of the contents: equal for the same content under other file names or dates."""
        contents = sorted(f.sha256 or "" for f in self.files)
        return hashlib.sha256("\0".join(contents).encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the ledger remembers of a file read before: unchanged size and time mean unchanged content."""

    bytes: int
    modified: int
    sha256: str
