"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def whole(file: Path, make: Callable[[Path], object]) -> None:
    """Let `make` write beside `file`, then put the result in its place at once."""
    arriving = file.with_name("." + file.name)
    make(arriving)
    arriving.replace(file)
