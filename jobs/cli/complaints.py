"""`onebook complaints`: what any file of complaints is about, how that changes, and in which words."""

from __future__ import annotations

import json as json_format
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conf.bank import TREE, Bank, open_bank
from conf.complaints import ComplaintsConf
from conf.tone import ToneSpec
from jobs.cli import output
from jobs.cli.options import AsJson, ConfAt, Verbose
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from models.text.report import Report


def command(
    file: Annotated[Path, typer.Option("--input", help="CSV or Parquet, one row a complaint.")],
    text: Annotated[str, typer.Option("--text", help="Column of what was written or said.")],
    out: Annotated[Path, typer.Option("--output", help="Folder for predictions, trend, phrases, figures.")],
    cause: Annotated[
        str | None, typer.Option(help="Column of the cause; learnt where given, foretold where empty.")
    ] = None,
    product: Annotated[str | None, typer.Option(help="Column of the product; the same.")] = None,
    day: Annotated[
        str | None,
        typer.Option("--date", help="Column of the date: for the trend, and to test on later rows."),
    ] = None,
    topics: Annotated[
        int | None, typer.Option(min=2, max=50, help="Without labels: group the texts in so many topics.")
    ] = None,
    bank: Annotated[str | None, typer.Option("--bank", help="Judge the tone by this bank's words.")] = None,
    conf: ConfAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Classify complaints by cause and product, follow their trend, and find the phrases that drive each class."""
    from models.text import report, table  # noqa: PLC0415 - pandas and scikit-learn only where needed

    began = time.monotonic()
    named = {"text": text, "cause": cause, "product": product, "date": day}
    chosen = {name: column for name, column in named.items() if column is not None}
    _asked(cause or product, topics)
    words = _lexicon(bank, tuple(conf or ()))
    try:
        rows = table.read(file, list(chosen.values()))
        frame = rows[list(chosen.values())].set_axis(list(chosen), axis=1)
        if day is not None:
            frame["date"] = table.dates(rows[day], file)
        told = report.grouped(frame, topics) if topics else report.classified(frame)
        found = _with_tone(told, frame, words)
    except table.UnusableTextError as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None
    _write(found, out)
    facts = {
        "complaints": len(rows),
        **found.figures,
        "output": str(out),
        "seconds": round(time.monotonic() - began, 1),
    }
    output.as_json(facts) if json else _show(found, facts)


def _lexicon(bank: str | None, trees: tuple[Path, ...]) -> ToneSpec:
    """The words that tone is told by: those that come with Onebook, and what the trees and the bank lay over them."""
    chosen = open_bank(bank, trees) if bank else Bank("", (TREE, *trees))
    return chosen.section("complaints", ComplaintsConf).tone


def _with_tone(found: Report, frame: pd.DataFrame, lexicon: ToneSpec) -> Report:
    """The predictions with how each text sounds."""
    from models.text.tone import tones  # noqa: PLC0415 - as above

    heard = [one.tone for one in tones(lexicon, frame["text"])]
    return replace(found, predictions=found.predictions.assign(tone=heard))


def _asked(labels: str | None, topics: int | None) -> None:
    if labels and topics:
        raise UsageError(
            "--topics is for complaints without labels", "leave out --topics, or --cause and --product"
        )
    if not labels and not topics:
        raise UsageError(
            "nothing says what to classify by",
            "name a column with --cause or --product in which at least 50 rows are labelled, or give --topics 8 "
            "to group the texts without labels",
        )


def _write(found: Report, out: Path) -> None:
    """All files, each whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    found.predictions.to_parquet(arriving := out / ".predictions.parquet", index=False)
    arriving.replace(out / "predictions.parquet")
    tables = {"trend": found.trend, "trend_over_all": found.trend_over_all, "phrases": found.phrases}
    for name, table in tables.items():
        (out / f"{name}.csv").unlink(missing_ok=True)
        if len(table):
            table.to_csv(arriving := out / f".{name}.csv", index=False)
            arriving.replace(out / f"{name}.csv")
    (arriving := out / ".figures.json").write_text(
        json_format.dumps(found.figures, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    arriving.replace(out / "figures.json")


def _show(found: Report, facts: dict[str, Any]) -> None:
    for target, figures in found.figures.items():
        _evaluation(target, figures.get("evaluation"))
    if len(found.phrases):
        marks = found.phrases.groupby(["target", "label"], sort=False)["phrase"].apply(
            lambda some: ", ".join(some[:6])
        )
        output.table(
            "driving phrases", ["target", "class", "phrases"], ((*key, said) for key, said in marks.items())
        )
    if len(found.trend_over_all):
        moving = found.trend_over_all[found.trend_over_all["change"] != ""]
        rows = (
            (r.target, r.label, int(r.complaints), f"{r.share:.1%}", r.change, f"{r.q:.3f}")
            for r in moving.itertuples()
        )
        output.table(
            "classes whose share rises or falls",
            ["target", "class", "complaints", "share", "change", "q"],
            rows,
        )
    output.facts({key: facts[key] for key in ("complaints", "output", "seconds")})


def _evaluation(target: str, figures: dict[str, Any] | None) -> None:
    if figures is None:
        return
    rows = [
        ("macro-F1", _between(figures["macro_f1"]), f"{figures['baseline_macro_f1']:.3f}"),
        ("accuracy", _between(figures["accuracy"]), f"{figures['baseline_accuracy']:.3f}"),
        ("calibration error", f"{figures['calibration_error']:.3f}", ""),
    ]
    how = "later rows" if figures["order"] == "time" else "rows left out"
    output.table(
        f"{target}: {figures['rows']:,} {how}, {figures['classes']} classes",
        ["", "model", "commonest class"],
        rows,
    )


def _between(figure: tuple[float, float, float]) -> str:
    return f"{figure[0]:.3f} [{figure[1]:.3f}, {figure[2]:.3f}]"
