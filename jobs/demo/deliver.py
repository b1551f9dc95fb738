"""Deliveries: rows go into dated folders by the day on which the bank delivers them, with a manifest in each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import numpy as np

from jobs.demo.extract import Extract
from jobs.demo.files import LARGEST_FILE, Part, TableFile, merge
from jobs.demo.formats import Layout
from jobs.demo.span import Span, day_date

Where = tuple[str, str, int]
"""System, table, position of the delivery."""


class Deliveries:
    """Writes the extracts of a stripe of blocks, one file per table and delivery (more where a file grows large)."""

    def __init__(self, out: Path, span: Span, stripe: int) -> None:
        self._out, self._span, self._stripe = out, span, stripe
        self._open: dict[Where, TableFile] = {}
        self.parts: dict[Where, list[Part]] = defaultdict(list)

    def write(self, extracts: Iterable[Extract]) -> None:
        """Sort each extract's rows into the deliveries; what would come after the end is left out."""
        for extract in extracts:
            delivery = self._span.delivery_of(extract.known)
            order = np.argsort(delivery, kind="stable")
            order = order[delivery[order] < self._span.deliveries]
            if len(order) == 0:
                continue
            numbers, starts = np.unique(delivery[order], return_index=True)
            table = extract.table(order)
            for number, start, stop in zip(numbers.tolist(), starts, [*starts[1:], len(order)], strict=True):
                file = self._file(extract.layout, number)
                file.add(table.slice(start, stop - start).combine_chunks(), extract.totals(order[start:stop]))

    def _file(self, layout: Layout, number: int) -> TableFile:
        where = (layout.system, layout.table, number)
        if where in self._open and self._open[where].sink.size > LARGEST_FILE:
            self.parts[where].append(self._open.pop(where).finish())
        if where not in self._open:
            folder = folder_of(self._out, layout.system, self._span, number)
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{layout.table}.{self._stripe}.{len(self.parts[where])}.{layout.style.extension}"
            self._open[where] = TableFile(layout, folder / name)
        return self._open[where]

    def finish(self) -> dict[Where, list[Part]]:
        """Close every file."""
        for where, file in self._open.items():
            self.parts[where].append(file.finish())
        return dict(self.parts)


def folder_of(out: Path, system: str, span: Span, number: int) -> Path:
    """The folder of a system's delivery."""
    return out / system / day_date(span.first_delivery + number).isoformat()


def assemble(
    out: Path, span: Span, layouts: dict[str, Layout], stripes: list[dict[Where, list[Part]]]
) -> int:
    """Join what the stripes wrote, name the files for good, write the manifests; gives the number of files."""
    found: dict[Where, list[Part]] = defaultdict(list)
    for stripe in stripes:
        for where, parts in stripe.items():
            found[where] += parts
    entries: dict[tuple[str, int], list[dict[str, object]]] = defaultdict(list)
    for (system, table, number), parts in sorted(found.items()):
        layout = layouts[f"{system}.{table}"]
        folder = folder_of(out, system, span, number)
        for position, part in enumerate(_joined(parts, layout, folder)):
            name = f"{table}-{position:02d}.{layout.style.extension}"
            Path(part.path).rename(folder / name)
            entries[system, number].append(_entry(name, table, part))
    for system in sorted({layout.system for layout in layouts.values()}):
        for number in range(span.deliveries):
            _manifest(out, span, system, number, entries[system, number])
    return sum(len(files) for files in entries.values())


def _joined(parts: list[Part], layout: Layout, folder: Path) -> list[Part]:
    if len(parts) > 1 and sum(part.bytes for part in parts) <= LARGEST_FILE:
        return [merge(parts, layout, folder / f"{layout.table}.joined.{layout.style.extension}")]
    return parts


def _entry(name: str, table: str, part: Part) -> dict[str, object]:
    totals = {column: str(Decimal(value).scaleb(-2)) for column, value in sorted(part.totals.items())}
    return {"file": name, "table": table, "rows": part.rows, "bytes": part.bytes, "sha256": part.sha256,
            "control_totals": totals}  # fmt: skip


def _manifest(out: Path, span: Span, system: str, number: int, files: list[dict[str, object]]) -> None:
    folder = folder_of(out, system, span, number)
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "system": system, "business_date": day_date(span.first_delivery + number).isoformat(),
        "kind": "history" if number == 0 else "daily", "files": files,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
