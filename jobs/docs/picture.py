"""docs/graph.svg: the tables by layer, and which reads which, as a picture with no clock or random id in it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from jobs.core.job import Conformed, Job
from jobs.docs.model import rank

COLOURS: Final = {
    "bronze": "#a0673a",
    "silver": "#6f7d8c",
    "identity": "#7a4e9c",
    "gold": "#b8860b",
    "models": "#2f7d5b",
    "publish": "#a63d40",
}
SETTINGS: Final[dict[Any, Any]] = {
    "svg.hashsalt": "onebook",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
}
WIDTH, ROW, GAP, MARGIN = 2.2, 0.32, 0.9, 0.2  # a box, its row, the room for curves, inches
SOURCES, OTHER = "bronze.*", "#555555"
Place = tuple[float, float]


def svg(jobs: Sequence[Job]) -> bytes:
    """The picture. `jobs` in building order."""
    return draw(graph(jobs))


def draw(reads: Mapping[str, Sequence[str]]) -> bytes:
    """The picture of `reads`: each table, in building order, and the tables that it reads."""
    columns = _columns(reads)
    height = max(map(len, columns)) * ROW + 2 * MARGIN
    width = len(columns) * (WIDTH + GAP) - GAP + 2 * MARGIN
    with rc_context(SETTINGS):
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        places = _places(columns, reads, height)
        for table, inputs in reads.items():
            for source in inputs:
                _arrow(axes, places[source], places[table], COLOURS.get(_layer(source), OTHER))
        for table, place in places.items():
            _box(axes, table, place)
        out = io.BytesIO()
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": "onebook"})
    return b"\n".join(line.rstrip() for line in out.getvalue().splitlines()) + b"\n"


def graph(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Each job's first table → the first tables of the jobs that it reads; sources are one box, `bronze.*`."""
    owner = {table: job.table for job in jobs for table in job.outputs}
    return {job.table: [*dict.fromkeys(_owner(t, owner) for t in _inputs(job))] for job in jobs}


def _inputs(job: Job) -> list[str]:
    conformed = any(isinstance(i, Conformed) for i in job.inputs.values())
    return [SOURCES] * conformed + [t for t in job.input_tables.values() if t not in job.outputs]


def _owner(table: str, owner: Mapping[str, str]) -> str:
    return SOURCES if _layer(table) == "bronze" else owner[table]


def _columns(reads: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Tables by layer; what waits for a later layer (gold for scores) stands in a further column behind it."""
    rounds: dict[str, int] = {SOURCES: 0}
    for table, inputs in reads.items():
        later = [rounds[i] + (rank(i) > rank(table)) for i in inputs if i in rounds]
        rounds[table] = max(later, default=0)
    keys = sorted({_place_key(t, n) for t, n in rounds.items()})
    return [[t for t, n in rounds.items() if _place_key(t, n) == key] for key in keys]


def _place_key(table: str, round_: int) -> tuple[int, tuple[int, str]]:
    last = _layer(table) == "publish"
    return (99 if last else round_, rank(table))


def _places(
    columns: Sequence[Sequence[str]], reads: Mapping[str, Sequence[str]], height: float
) -> dict[str, Place]:
    """Left middle of each box. A column's boxes stand in the order of what they read, then of who reads them
    first, so that fewer lines cross; a short column is spread out.
    """
    readers = {i: n for n, inputs in reversed([*enumerate(reads.values())]) for i in inputs}
    places: dict[str, Place] = {}
    for n, column in enumerate(columns):
        at = {t: _mean([places[i][1] for i in reads.get(t, ()) if i in places], height / 2) for t in column}
        row = min(3 * ROW, (height - 2 * MARGIN) / len(column))
        top = (height - len(column) * row) / 2 + row / 2
        for nth, table in enumerate(sorted(column, key=lambda t: (at[t], readers.get(t, len(reads)), t))):
            places[table] = (MARGIN + n * (WIDTH + GAP), top + nth * row)
    return places


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _box(axes: Axes, table: str, place: Place) -> None:
    x, y = place
    box = FancyBboxPatch(
        (x, y - ROW * 0.36), WIDTH, ROW * 0.72, boxstyle="round,pad=0,rounding_size=0.06",
        facecolor=COLOURS.get(_layer(table), OTHER), edgecolor="none", zorder=2,
    )  # fmt: skip
    axes.add_patch(box)
    label = "source contracts" if table == SOURCES else table
    axes.text(x + WIDTH / 2, y, label, color="white", fontsize=9.5, ha="center", va="center", zorder=3)


def _arrow(axes: Axes, start: Place, end: Place, colour: str) -> None:
    """A curve from the right edge of one box to the left edge of another; to a box of its own column, around."""
    (x0, y0), (x1, y1) = (start[0] + WIDTH, start[1]), end
    if x1 < x0:
        x1 += WIDTH
    bend = max(GAP * 0.6, abs(x1 - x0) * 0.4)
    control = x1 - bend if x1 > x0 else x1 + bend
    path = Path([(x0, y0), (x0 + bend, y0), (control, y1), (x1, y1)], [Path.MOVETO] + [Path.CURVE4] * 3)
    axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, alpha=0.4, linewidth=0.9, zorder=1))


def _layer(table: str) -> str:
    return table.split(".", maxsplit=1)[0]
