"""One small bank, made once and read by every test here; no Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jobs.demo import Summary, catalogue, make
from jobs.demo.block import Block, make_block
from jobs.demo.span import Span
from jobs.demo.systems import extracts

START, END, DAILY_FROM = date(2025, 1, 1), date(2025, 6, 10), date(2025, 6, 1)


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bank")
    make(out, 400, START, END, seed=11, daily_from=DAILY_FROM)
    return out


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    out = tmp_path_factory.mktemp("again")
    return out, make(out, 400, START, END, seed=11, daily_from=DAILY_FROM)


@pytest.fixture(scope="session")
def block() -> Block:
    """Three thousand customers over two years, with what every source wrote about them."""
    span = Span.of(date(2024, 1, 1), date(2025, 12, 31), None)
    made = make_block(0, 3000, 7, span, catalogue.network(7, span, 3000))
    for _ in extracts(made):
        pass
    return made
