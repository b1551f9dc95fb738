"""Reads delivered files back as rows of text, by the layouts alone."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from jobs.demo.formats import Layout
from jobs.demo.systems import LAYOUTS


def rows_of(path: Path, layout: Layout) -> list[dict[str, Any]]:
    style = layout.style
    if style.type == "parquet":
        return list(pq.read_table(path).to_pylist())
    data = gzip.decompress(path.read_bytes()) if style.compressed else path.read_bytes()
    if style.type == "json":
        return [json.loads(line) for line in data.decode().splitlines()]
    if style.type == "fixed":
        return [_cut(line, layout) for line in data.split(b"\n")[:-1]]
    text = data.decode("utf-8-sig" if style.bom else style.encoding)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=style.delimiter, strict=True)
    return list(reader)


def _cut(line: bytes, layout: Layout) -> dict[str, str]:
    row, at = {}, 0
    for item in layout.fields:
        row[item.name] = line[at : at + item.width].decode(layout.style.encoding).strip()
        at += item.width
    assert at == len(line)
    return row


def delivered(bank: Path, name: str) -> dict[str, list[dict[str, Any]]]:
    """Rows of a table by the date of their delivery."""
    layout = LAYOUTS[name]
    found: dict[str, list[dict[str, Any]]] = {}
    for folder in sorted((bank / layout.system).iterdir()):
        rows: list[dict[str, Any]] = []
        for path in sorted(folder.glob(f"{layout.table}-*.{layout.style.extension}")):
            rows += rows_of(path, layout)
        found[folder.name] = rows
    return found
