"""Configuration of a bank's own that a test lays over the project's."""

from __future__ import annotations

from pathlib import Path


def laid(tree: Path, name: str, text: str) -> Path:
    """The file `name` of the configuration tree `tree`, written; its folders are made."""
    file = tree / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
