"""A pair's probability as a picture: bits from the start, field by field, to the log-odds; by the weights, and by the
re-ranker where there is one.

PNG and SVG are drawn with a font that has Chinese where this machine has one; else Chinese field names stand in
pinyin and the words in English. HTML carries the picture as SVG text, which the reader's own fonts draw.
"""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure

from models.linkage import sentences
from models.linkage.explaining import MISSING, NEGLIGIBLE, PairExplained
from models.linkage.files import whole
from models.linkage.normalising import pinyin
from models.linkage.sentences import Language

BLUE: Final = "#24527a"
RED: Final = "#b5482f"
GREY: Final = "#8a949e"
KINDS: Final = (".png", ".svg", ".html")
PROBE: Final = ord("客")
PAPER: Final = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
PLACEHOLDERS: Final = "Last Resort"
"""A font that has a box for every character there is."""
PROBABILITIES: Final = (1e-9, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9)
WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "weights": "By the weights (Fellegi–Sunter)", "reranker": "By the re-ranker (final)", "start": "start",
        "prior": "start: share of all pairs that match", "rest": "after the re-ranker", "bits": "bits (log2 of the odds)",
        "probability": "probability", "final": "probability",
    },
    "zh": {
        "weights": "按权重（Fellegi–Sunter）", "reranker": "重排模型（最终）", "start": "起点",
        "prior": "起点：全部记录对中的匹配率", "rest": "后续校准", "bits": "比特（几率的以 2 为底的对数）",
        "probability": "概率", "final": "概率",
    },
}  # fmt: skip
Step = tuple[str, float]


def draw(told: PairExplained, file: Path, language: Language) -> None:
    """Write the picture of `told` to `file`: .png, .svg or .html by its ending. Raises ValueError on another."""
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{file.name} has no ending of a picture; give {', '.join(KINDS)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    if kind == ".html":
        whole(file, lambda f: f.write_text(page(told, language), "utf-8"))
        return
    able = chinese_font() is not None
    with _fonts():
        figure = waterfall(told, language if able else "en", spelt=not able)
        whole(file, lambda f: figure.savefig(f, format=kind[1:], dpi=150))


def page(told: PairExplained, language: Language) -> str:
    """The picture, the sentence in both languages and nothing else, as HTML that needs no other file."""
    target = io.StringIO()
    with (
        _fonts(),
        mpl.rc_context({"svg.hashsalt": "onebook", "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        # The reader's own fonts draw the text: what this machine's lack doesn't matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        waterfall(told, language, spelt=False).savefig(target, format="svg", metadata={"Date": None})
    svg = target.getvalue()[target.getvalue().index("<svg") :]
    said = "".join(f'<p lang="{tongue}">{html.escape(sentences.pair(told, tongue))}</p>' for tongue in WORDS)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>onebook</title><style>'
        "body{font:15px/1.6 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
        f"svg{{max-width:100%;height:auto}}</style></head><body>{svg}{said}</body></html>\n"
    )


@cache
def chinese_font() -> str | None:
    """The name of a font on this machine that has Chinese characters; None where there is none."""
    for font in sorted(font_manager.fontManager.ttflist, key=lambda f: f.name):
        if font.name.startswith(PLACEHOLDERS):
            continue
        try:
            if PROBE in font_manager.get_font(font.fname).get_charmap():
                return font.name
        except (OSError, RuntimeError):
            continue
    return None


def waterfall(told: PairExplained, language: Language, *, spelt: bool) -> Figure:
    """One panel by the weights, and one by the re-ranker where it had a say; `spelt`: Chinese names in pinyin."""
    panels = [("weights", _weights(told, language), told.weighed)]
    if told.reranking:
        panels.append(("reranker", _reranker(told, language), told.probability))
    tall = max(len(steps) for _, steps, _ in panels)
    figure = Figure(figsize=(7.2 * len(panels), 2.0 + 0.36 * tall), layout="constrained")
    figure.suptitle(f"{told.record_l} – {told.record_r}", fontsize=12, fontweight="bold")
    for axes, (title, steps, final) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
    ):
        _panel(axes, [(pinyin(name) if spelt else name, bits) for name, bits in steps], final, language)
        axes.set_title(WORDS[language][title], loc="left", fontsize=11)
    return figure


def _weights(told: PairExplained, language: Language) -> list[Step]:
    fields = sorted((f for f in told.fields if f.found != MISSING), key=lambda f: -abs(f.weight))
    named = [(f"{f.field}: {sentences.level(f.found, language)}", f.weight) for f in fields]
    return [(WORDS[language]["prior"], told.prior), *named]


def _reranker(told: PairExplained, language: Language) -> list[Step]:
    assert told.reranking is not None
    moved = {f.field: f.reranker or 0.0 for f in told.fields}
    moved |= {sentences.overall(name, language): bits for name, bits in told.reranking.overall.items()}
    most = sorted(((n, b) for n, b in moved.items() if abs(b) > NEGLIGIBLE), key=lambda step: -abs(step[1]))
    rest = [(WORDS[language]["rest"], told.reranking.rest)] if abs(told.reranking.rest) > NEGLIGIBLE else []
    return [(WORDS[language]["start"], told.reranking.start), *most, *rest]


def _panel(axes: Any, steps: Sequence[Step], probability: float, language: Language) -> None:
    ends = np.cumsum([bits for _, bits in steps])
    starts = ends - [bits for _, bits in steps]
    colours = [GREY, *(BLUE if bits >= 0 else RED for _, bits in steps[1:])]
    rows = np.arange(len(steps))
    axes.barh(rows, ends - starts, left=starts, color=colours, height=0.62)
    axes.hlines([len(steps)], 0, ends[-1], color="black", linewidth=2.5)
    axes.vlines(ends, rows, rows + 1, color=GREY, linewidth=0.8)
    span = max(0.0, ends.max(), starts.max()) - min(0.0, ends.min(), starts.min())
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axes.text(
            max(start, end) + span * 0.015, row, f"{end - start:+.1f}", va="center", fontsize=8, bbox=PAPER
        )
    final = f"{WORDS[language]['final']} {sentences.percent(probability)}"
    axes.set_yticks([*rows, len(steps)], [*(name for name, _ in steps), final], fontsize=9)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlim(
        min(0.0, ends.min(), starts.min()) - span * 0.03, max(0.0, ends.max(), starts.max()) + span * 0.1
    )
    axes.set_xlabel(WORDS[language]["bits"], fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    _probabilities(axes, language)


def _probabilities(axes: Any, language: Language) -> None:
    """The same scale as probabilities, above."""
    low, high = axes.get_xlim()
    marks = {float(np.log2(p / (1 - p))): p for p in PROBABILITIES}
    shown = {at: p for at, p in marks.items() if low <= at <= high}
    above = axes.secondary_xaxis("top")
    above.set_xticks(
        list(shown), [f"{p:g}" if p <= 0.999 else f"1−{1 - p:.0e}" for p in shown.values()], fontsize=7
    )
    above.set_xlabel(WORDS[language]["probability"], fontsize=8)


def _fonts() -> Any:
    found = chinese_font()
    return mpl.rc_context({"font.family": [found, "DejaVu Sans"] if found else ["DejaVu Sans"]})
