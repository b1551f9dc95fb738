"""An extract: the rows of one system's table, and when the bank's systems would deliver each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.demo.arrays import Ints
from jobs.demo.formats import Layout, text, typed

BROKEN_SHARE = 0.0003
"""Share of the rows of some tables that no reader can accept as they are."""


@dataclass
class Extract:
    """Columns by name, `known` (the day on which each row is delivered), and cells that are written wrong."""

    layout: Layout
    columns: Mapping[str, Any]
    known: Ints
    broken: dict[str, tuple[Ints, list[str]]] = field(default_factory=dict)

    def break_cells(self, rng: np.random.Generator, column: str, spoilt: list[str]) -> Extract:
        """Spoil a few cells of one column: bad dates, amounts with separators or full-width digits."""
        rows = np.flatnonzero(rng.random(len(self.known)) < BROKEN_SHARE)
        choice = rng.integers(0, len(spoilt), len(rows))
        self.broken[column] = (rows, [spoilt[c] for c in choice.tolist()])
        return self

    def spoilt(self) -> dict[str, pa.Array]:
        """For each column with cells written wrong: the wrong text, null where the cell is well."""
        made = {}
        for column, (rows, cells) in self.broken.items():
            texts = np.full(len(self.known), None, dtype=object)
            texts[rows] = cells
            made[column] = pa.array(texts, pa.string())
        return made

    def table(self, rows: Ints) -> pa.Table:
        """Some rows as delivered: typed for Parquet, text for everything else."""
        made, spoilt = {}, self.spoilt()
        for item in self.layout.fields:
            values = self.columns[item.name]
            values = values.take(pa.array(rows)) if isinstance(values, pa.Array) else np.asarray(values)[rows]
            if self.layout.style.type == "parquet":
                made[item.name] = typed(values, item.kind)
                continue
            column = text(values, item.kind, self.layout.style.dates)
            if item.name in spoilt:
                column = pc.coalesce(spoilt[item.name].take(pa.array(rows)), column)
            made[item.name] = column
        return pa.table(made)

    def totals(self, rows: Ints) -> dict[str, int]:
        """Sums of the control columns over some rows, as scaled integers."""
        return {
            name: int(np.asarray(self.columns[name], dtype=np.int64)[rows].sum())
            for name in self.layout.totals
        }
