"""Fixed width: records cut by bytes of the file's encoding, column by column, without a loop over rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from conf.contracts import SourceContract
from jobs.bronze.content import Content
from jobs.bronze.outcomes import Outcome

PADDING: Final = " "
MALFORMED: Final = "malformed"
Cut = tuple[list[str], list[str | None], pa.StructArray]


def fixed_cells(content: Content, contract: SourceContract) -> Iterator[Cut]:
    """(raw lines, notes, cells) per block. Lines of another length than the contract's are malformed."""
    rest = b""
    for block in content.blocks():
        found = (rest + block).split(b"\n")
        rest = found.pop()
        yield from _cut(content, contract, found)
    if rest.rstrip(b"\r"):
        content.facts.unterminated = True
        yield from _cut(content, contract, [rest])


def _cut(content: Content, contract: SourceContract, found: list[bytes]) -> Iterator[Cut]:
    lines = [line.removesuffix(b"\r") for line in found]
    kept = [line for line in lines if line]
    content.facts.blank += len(lines) - len(kept)
    if not kept:
        return
    encoding, widths = contract.format.encoding, [c.width or 0 for c in contract.columns]
    try:
        raw = b"\n".join(kept).decode(encoding).split("\n")
    except UnicodeDecodeError as error:
        content.facts.problem(Outcome.WRONG_ENCODING, f"isn't {encoding} ({error.reason})")
        return
    good = np.fromiter((len(line) == sum(widths) for line in kept), bool, len(kept))
    columns = _columns([line for line, ok in zip(kept, good, strict=True) if ok], widths, encoding)
    at = pa.array(np.where(good, np.cumsum(good) - 1, -1), pa.int64())
    place = pa.compute.if_else(pa.array(good), at, None)
    cells = [pa.array(column, pa.string()).take(place) for column in columns]
    cut_inside = np.array([any(v is None for v in row) for row in zip(*columns, strict=True)], bool)
    bad = ~good
    bad[np.flatnonzero(good)[cut_inside]] = True
    notes = [MALFORMED if b else None for b in bad]
    yield raw, notes, pa.StructArray.from_arrays(cells, names=list(contract.column_names))


def _columns(kept: list[bytes], widths: list[int], encoding: str) -> list[list[str | None]]:
    """Each column's cells, without padding; None where a boundary cuts a character in two."""
    table = np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), sum(widths))
    ends = np.cumsum(widths)
    return [_column(table[:, end - width : end], encoding) for end, width in zip(ends, widths, strict=True)]


def _column(cut: np.ndarray, encoding: str) -> list[str | None]:
    breaks = np.full((len(cut), 1), ord("\n"), np.uint8)
    together = np.hstack([cut, breaks]).tobytes()
    try:
        found = together.decode(encoding).split("\n")[:-1]
        if len(found) == len(cut):
            return [cell.strip(PADDING) for cell in found]
    except UnicodeDecodeError:
        pass
    return [_cell(row.tobytes(), encoding) for row in cut]


def _cell(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding).strip(PADDING)
    except UnicodeDecodeError:
        return None
