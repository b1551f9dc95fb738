"""The cockpit's pictures, as SVG text to stand in the page; empty text where there is nothing to draw."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SHIFTED: Final = 0.25
"""A stability index above which a distribution counts as shifted."""
MOST_DATES: Final = 8
"""That fit beside each other under a picture."""
STYLE: Final[Any] = {"svg.fonttype": "none", "svg.hashsalt": "onebook", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}  # fmt: skip
Row = Mapping[str, Any]


@mpl.rc_context(STYLE)
def score_drift(rows: Sequence[Row]) -> str:
    """A line for each model: its scores' stability index by date (rows with model, as_of, psi, in that order)."""
    if not rows:
        return ""
    figure, axes = _axes(6.4, 2.6)
    for model, own in groupby(rows, key=lambda r: r["model"]):
        points = [(r["as_of"], r["psi"]) for r in own]
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=model)
    axes.axhline(SHIFTED, color="#b3403a", linewidth=0.8, linestyle="--")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("PSI of scores")
    axes.legend(frameon=False)
    days = sorted({r["as_of"] for r in rows})
    shown = days[:: -(-len(days) // MOST_DATES)]
    axes.set_xticks(shown, [str(d) for d in shown])
    return _svg(figure)


@mpl.rc_context(STYLE)
def calibration(rows: Sequence[Row]) -> str:
    """A point for each slice: what was foretold, and what was seen (rows with model, foretold, observed)."""
    models = [(name, list(own)) for name, own in groupby(rows, key=lambda r: r["model"])]
    if not models:
        return ""
    figure = Figure(figsize=(3 * len(models), 2.8), layout="constrained")
    for axes, (name, own) in zip(figure.subplots(1, len(models), squeeze=False)[0], models, strict=True):
        foretold, observed = [r["foretold"] for r in own], [r["observed"] for r in own]
        ends = [min(*foretold, *observed), max(*foretold, *observed)]
        axes.plot(ends, ends, color="#9aa5b1", linewidth=0.8)
        axes.scatter(foretold, observed, s=14)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("foretold")
        axes.set_ylabel("seen")
    return _svg(figure)


@mpl.rc_context(STYLE)
def bars(rows: Sequence[tuple[str, float]], unit: str) -> str:
    """A bar for each name."""
    if not rows:
        return ""
    figure, axes = _axes(6.4, 0.5 + 0.28 * len(rows))
    axes.barh([name for name, _ in rows][::-1], [size for _, size in rows][::-1], color="#24527a")
    axes.set_xlabel(unit)
    return _svg(figure)


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    drawn = text.getvalue()
    return Markup(drawn[drawn.index("<svg") :])  # noqa: S704 - our own drawing
