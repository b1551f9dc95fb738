"""What commands print: tables for people on standard output, or JSON for machines and nothing else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE: Final = 1000
"""Columns where nobody looks: what a pipe or a file gets isn't folded."""
OUT: Final = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE)
ERR: Final = Console(stderr=True)


def as_json(data: Any) -> None:
    """One JSON document on a line of its own."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Iterable[str] = ()
) -> None:
    """A table for people; columns named in `right` are aligned there. What stands in brackets is shown as it is."""
    drawn = Table(title=escape(title), title_justify="left", header_style="bold")
    numbers = set(right)
    for column in columns:
        drawn.add_column(escape(column), justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*("" if v is None else f"{v:,}" if type(v) is int else escape(str(v)) for v in row))
    OUT.print(drawn)


def facts(pairs: Mapping[str, Any]) -> None:
    """Key and value, a line each."""
    for key, value in pairs.items():
        OUT.print(f"[bold]{escape(key)}[/bold] {escape(str(value))}", highlight=False)


def say(message: str, *, styled: bool = False) -> None:
    """A line of progress: on standard error, so that standard output stays for results.

    Only a `styled` one has its [green]marks[/green] taken for colours: names of files and words of others may look so.
    """
    ERR.print(message, highlight=False, soft_wrap=True, markup=styled)
