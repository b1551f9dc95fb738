"""The bank's systems: what each extracts from a block, and how its files are laid out."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.demo.block import Block
from jobs.demo.extract import Extract
from jobs.demo.formats import Layout
from jobs.demo.systems import bureau, cards, channels, core, corporate, credit, crm, reference, wealth

SYSTEMS = (core, credit, cards, wealth, channels, crm, corporate, bureau, reference)
LAYOUTS: dict[str, Layout] = {layout.name: layout for system in SYSTEMS for layout in system.LAYOUTS}


def extracts(block: Block) -> Iterator[Extract]:
    """Every system's extracts of a block, one after the other, so that few are in memory."""
    for system in SYSTEMS:
        yield from system.extracts(block)
