"""Makes the demonstration bank: blocks of customers, spread over two processes, into deliveries and truth."""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jobs.demo import catalogue, truth
from jobs.demo.block import PEOPLE_PER_BLOCK, make_block
from jobs.demo.deliver import Deliveries, Where, assemble
from jobs.demo.files import Part
from jobs.demo.span import Span, day_date
from jobs.demo.systems import LAYOUTS, extracts

STRIPES = 2
"""Processes that share the blocks of a larger bank; fixed, so that the files don't depend on the machine."""


@dataclass(frozen=True)
class Summary:
    """What was made: where, how many customers, rows by table, deliveries and files."""

    out: str
    customers: int
    first_delivery: date
    last_delivery: date
    rows: dict[str, int]
    files: int
    bytes: int


@dataclass(frozen=True)
class _Work:
    out: str
    span: Span
    customers: int
    seed: int
    stripe: int
    stripes: int


def _blocks(work: _Work) -> list[tuple[int, int]]:
    count = -(-work.customers // PEOPLE_PER_BLOCK)
    sizes = [min(PEOPLE_PER_BLOCK, work.customers - number * PEOPLE_PER_BLOCK) for number in range(count)]
    return [(number, sizes[number]) for number in range(count) if number % work.stripes == work.stripe]


def _make_stripe(work: _Work) -> dict[Where, list[Part]]:
    """Every `stripes`-th block, written to files of its own."""
    out = Path(work.out)
    network = catalogue.network(work.seed, work.span, work.customers)
    deliveries, book = Deliveries(out, work.span, work.stripe), truth.Book(out / "truth", work.stripe)
    for number, size in _blocks(work):
        block = make_block(number, size, work.seed, work.span, network)
        deliveries.write(extracts(block))
        book.write(block)
    book.finish()
    return deliveries.finish()


def _spread(work: list[_Work]) -> list[dict[Where, list[Part]]]:
    if len(work) == 1:
        return [_make_stripe(work[0])]
    with ProcessPoolExecutor(len(work), mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_make_stripe, work))


def _clear(out: Path) -> None:
    """Remove an earlier bank from the folder: only folders that this module makes."""
    for name in {layout.system for layout in LAYOUTS.values()} | {"truth"}:
        shutil.rmtree(out / name, ignore_errors=True)


def make(
    out: str | Path, customers: int, start: date, end: date, seed: int = 7, daily_from: date | None = None
) -> Summary:
    """Write the extracts and the truth of a bank with `customers` people into the folder `out`.

    Everything before `daily_from` (by default the last 31 days) comes as one delivery of kind history.
    Raises ValueError for fewer than two customers or dates out of order.
    """
    if customers < 2:
        raise ValueError(f"a bank needs at least two customers, not {customers}")
    span, folder = Span.of(start, end, daily_from), Path(out)
    _clear(folder)
    (folder / "truth").mkdir(parents=True)
    stripes = STRIPES if customers > PEOPLE_PER_BLOCK else 1
    made = _spread([_Work(str(folder), span, customers, seed, stripe, stripes) for stripe in range(stripes)])
    truth.join(folder / "truth")
    rows: dict[str, int] = {}
    for (system, table, _), parts in sorted(
        (item for stripe in made for item in stripe.items()), key=lambda item: item[0]
    ):
        rows[f"{system}.{table}"] = rows.get(f"{system}.{table}", 0) + sum(part.rows for part in parts)
    size = sum(part.bytes for stripe in made for parts in stripe.values() for part in parts)
    files = assemble(folder, span, LAYOUTS, made)
    return Summary(str(folder), customers, day_date(span.first_delivery), end, rows, files, size)
