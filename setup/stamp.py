"""Stamps: a step that was done for these inputs isn't done again, so later runs need no network."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(*inputs: Path | str) -> str:
    """sha256 over files' bytes and strings, in order."""
    digest = hashlib.sha256()
    for part in inputs:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def file_sha256(path: Path) -> str | None:
    """sha256 of a file as hex, None where there is none."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_current(stamp: Path, inputs: str) -> bool:
    """Whether `stamp` was left by a step done for the same inputs."""
    return stamp.is_file() and stamp.read_text().strip() == inputs


def leave(stamp: Path, inputs: str) -> None:
    """Mark a step as done; called last, so that an interrupted step is done again."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs + "\n")
