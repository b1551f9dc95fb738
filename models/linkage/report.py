"""The report of a match, one page that needs nothing else: what was found, how sure, and by which weights."""

from __future__ import annotations

import io
from functools import cache
from math import log2
from pathlib import Path
from typing import Any, Final

import jinja2
import matplotlib as mpl
import numpy as np
import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure

from conf.linkage import LinkageConf
from models.linkage.evaluation import Evaluation
from models.linkage.explaining import heard
from models.linkage.matched import Matched

TEMPLATE: Final = Path(__file__).with_name("report.html.jinja")
BORDER: Final = 20
BLUE: Final = "#24527a"


def report(
    held: pd.DataFrame, pairs: pa.Table, conf: LinkageConf, matched: Matched, found: Evaluation | None
) -> str:
    """The page as HTML. It names record ids and no values of records."""
    sizes = held["customer_id"].value_counts()
    return _template().render(
        records=len(held),
        customers=len(sizes),
        largest=int(sizes.iloc[0]),
        pairs=len(matched.pairs),
        kept=pairs.num_rows,
        grey=int(((matched.probability >= conf.grey) & (matched.probability < 1 - conf.grey)).sum()),
        threshold=conf.threshold,
        rounds=conf.training.rounds,
        prior=matched.weights.prior,
        evaluation=found.as_dict() if found else None,
        clean=matched.clean,
        columns=_columns(conf, matched),
        heard=heard(matched.judged, {name: column.meaning for name, column in conf.compared.items()}),
        found_by=matched.found_by.to_dict("records"),
        border=_border(pairs, conf),
        sizes=_svg(_sizes(sizes)),
        probabilities=_svg(_probabilities(matched)),
        weights=_svg(_weights(matched)),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _columns(conf: LinkageConf, matched: Matched) -> list[dict[str, Any]]:
    """Each column with its levels: m, u, and the bits that each adds."""
    told = []
    for name, column in matched.weights.columns.items():
        m, u = matched.weights.m[name], matched.weights.u[name]
        levels = [
            {"label": label, "m": m[i], "u": u[i], "bits": log2(m[i] / u[i])}
            for i, label in enumerate(matched.weights.labels(name))
        ]
        kept = matched.weights.words_kept.get(name)
        meaning = conf.columns[name].meaning
        told.append({"name": name, "meaning": meaning, "also": column.block, "levels": levels, "kept": kept})
    return told


def _border(pairs: pa.Table, conf: LinkageConf) -> list[dict[str, Any]]:
    """The pairs nearest to the threshold: the first to be looked at by a person."""
    chosen = pairs.select(
        ["record_id_l", "record_id_r", "probability", "weight", "same_customer"]
    ).to_pandas()
    away = (chosen["probability"] - conf.threshold).abs()
    nearest: list[dict[str, Any]] = chosen.loc[away.nsmallest(BORDER).index].to_dict("records")
    return nearest


def _sizes(sizes: pd.Series) -> Figure:
    figure, axes = _axes("records in a cluster", "clusters")
    counts = np.bincount(np.minimum(sizes.to_numpy(), 20))[1:]
    axes.bar(np.arange(1, len(counts) + 1), counts, color=BLUE)
    axes.set_yscale("log")
    return figure


def _probabilities(matched: Matched) -> Figure:
    figure, axes = _axes("probability", "pairs")
    axes.hist(matched.probability, bins=40, range=(0, 1), color=BLUE)
    axes.set_yscale("log")
    return figure


def _weights(matched: Matched) -> Figure:
    names = list(matched.weights.columns)
    best, worst = ([log2(matched.weights.m[n][i] / matched.weights.u[n][i]) for n in names] for i in (0, -1))
    figure, axes = _axes("bits", "")
    axes.barh(names, best, color=BLUE, label="agrees best")
    axes.barh(names, worst, color="#b5482f", label="differs")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.invert_yaxis()
    axes.legend(frameon=False)
    return figure


def _axes(x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure) -> str:
    target = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "onebook", "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()[target.getvalue().index("<svg") :]
