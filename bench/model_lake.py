"""The models of a lake of the demonstration bank as lines of bench/model_table.py: beside the truth, and as the gate saw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bench import models_oracle
from bench.model_table import Line
from jobs.cli.book import model_registry
from jobs.cli.options import place
from models.core.in_force import load
from models.core.metrics import NAN
from models.core.versions import HIGH, LOW

JUDGED: Final = {
    "churn": ("auc", "calibration_error", "lead_days_median"),
    "clv": ("spearman", "total_bias", "interval_coverage"),
    "cross_sell": ("map_at_3", "calibration_error"),
}
"""By model: what the later window of its training said of the champion."""


def lines(lake: Path, truth: Path) -> Iterator[Line]:
    """Each model at its latest date, the truth's own figure as reference; then its champion on the later window."""
    at = place("demo", None, str(lake), None).existing()
    for f in models_oracle.figures(lambda name: at.lake.read(at.spark, name), truth):
        name = f"demonstration {f.model}"
        yield Line(name, f.metric, f.ours, f.low, f.high, f.baseline, "naive", f.oracle)
    registry = model_registry(at)
    for model, figures in JUDGED.items():
        if champion := load(model, registry):
            yield from _judged(model, figures, champion.metrics)


def _judged(model: str, figures: tuple[str, ...], known: Mapping[str, float]) -> Iterator[Line]:
    for name in figures:
        low, high, naive = (known.get(n, NAN) for n in (name + LOW, name + HIGH, f"baseline_{name}"))
        yield Line(f"{model}, later window", name, known.get(name, NAN), low, high, naive, "naive", NAN)
