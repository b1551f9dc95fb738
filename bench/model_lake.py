"""The models of a lake of the demonstration bank as lines of bench/model_table.py: beside the truth, and as the gate saw them.

Uplift is learnt anew from the book's campaigns, also where training refuses for too few cases (told in the line's name), and held against
the true effects; no champion is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bench import models_oracle, uplift
from bench.model_table import Line
from jobs.cli.book import model_registry
from jobs.cli.options import place
from models.core.bootstrap import Interval
from models.core.in_force import load
from models.core.metrics import NAN
from models.core.versions import HIGH, LOW
from models.uplift.learning import RESPONSE

JUDGED: Final = {
    "churn": ("auc", "calibration_error", "lead_days_median"),
    "clv": ("spearman", "total_bias", "interval_coverage"),
    "cross_sell": ("map_at_3", "calibration_error"),
}
"""By model: what the later window of its training said of the champion."""


def lines(lake: Path, truth: Path) -> Iterator[Line]:
    """Each model at its latest date, the truth's own figure as reference; its champion on the later window; then uplift."""
    at = place("demo", None, str(lake), None).existing()
    for f in models_oracle.figures(lambda name: at.lake.read(at.spark, name), truth):
        name = f"demonstration {f.model}"
        yield Line(name, f.metric, f.ours, f.low, f.high, f.baseline, "naive", f.oracle)
    registry = model_registry(at)
    for model, figures in JUDGED.items():
        if champion := load(model, registry):
            yield from _judged(model, figures, champion.metrics)
    if day := at.ledger.latest_as_of():
        for beside in uplift.measured(lambda name: at.lake.read(at.spark, name), at.bank, day, truth):
            yield from _moved(beside)


def _moved(found: uplift.Beside) -> Iterator[Line]:
    """Ours beside the response model's figure and the truth's; the truth's own with its interval."""
    name = f"uplift {found.goal}" + (" (training refuses)" if found.refused else "")
    orders = {order.name: order for order in found.report.orders}
    ranks = found.by_rank
    yield _beside(name, "by rank with the true effect", ranks[uplift.OURS], ranks[RESPONSE], 1.0)
    for figure in ("qini", "area", "uplift_30"):
        ours, naive, best = (getattr(orders[n], figure) for n in (uplift.OURS, RESPONSE, uplift.ORACLE))
        yield _beside(name, figure, ours, naive, best.value)
        yield _beside(f"{name}, the truth's order", figure, best, naive, best.value)
    if lead := orders[uplift.ORACLE].lead:
        yield Line(name, "area ahead of the truth's", lead.value, lead.low, lead.high, NAN, "–", 0.0)


def _beside(name: str, figure: str, ours: Interval, naive: Interval, best: float) -> Line:
    return Line(name, figure, ours.value, ours.low, ours.high, naive.value, "response model", best)


def _judged(model: str, figures: tuple[str, ...], known: Mapping[str, float]) -> Iterator[Line]:
    for name in figures:
        low, high, naive = (known.get(n, NAN) for n in (name + LOW, name + HIGH, f"baseline_{name}"))
        yield Line(f"{model}, later window", name, known.get(name, NAN), low, high, naive, "naive", NAN)
