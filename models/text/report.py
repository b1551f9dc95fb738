"""Everything that is asked of a file of complaints, from one frame: classes, figures, trend, phrases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from models.text import phrases, topics, trend
from models.text.classify import FEWEST, Classifier, learnable
from models.text.evaluate import evaluate
from models.text.table import UnusableTextError
from models.text.taught import LEAST_LABELLED

TARGETS: Final = ("cause", "product")


@dataclass(frozen=True)
class Report:
    """`predictions`: a row for each of the input's, in its order; `trend` by month, `trend_over_all` and `phrases` by target;
    `figures` by target.
    """

    predictions: pd.DataFrame
    trend: pd.DataFrame
    trend_over_all: pd.DataFrame
    phrases: pd.DataFrame
    figures: dict[str, Any]


def classified(frame: pd.DataFrame) -> Report:
    """From text, and cause, product (labels, missing where unknown) and date as far as the frame has them.

    A row with a label keeps it (`<target>_given`); one without gets the likeliest class and its probability; one
    without a text gets none. Raises UnusableTextError where too little is labelled.
    """
    targets = [target for target in TARGETS if target in frame.columns]
    written = frame["text"].notna()
    told, figures = pd.DataFrame({"row": np.arange(len(frame))}), {}
    for target in targets:
        found, figures[target] = _target(frame, target, written)
        told = pd.concat([told, found], axis=1)
    return _described(frame, told, targets, figures)


def grouped(frame: pd.DataFrame, count: int) -> Report:
    """From text and date alone: `count` topics stand for causes, named by their phrases."""
    written = frame["text"].notna()
    told = pd.DataFrame({"row": np.arange(len(frame)), "topic": None})
    found = topics.discovered(frame.loc[written, "text"].tolist(), count)
    told.loc[written.to_numpy(), "topic"] = found.to_numpy()
    figures = {
        "topic": {"texts": int(written.sum()), "topics": count, "sizes": found.value_counts().to_dict()}
    }
    return _described(frame, told, ["topic"], figures)


def _target(frame: pd.DataFrame, target: str, written: pd.Series) -> tuple[pd.DataFrame, dict[str, Any]]:
    labelled = written & frame[target].notna()
    known = learnable(frame.loc[labelled, target])
    if labelled.sum() < LEAST_LABELLED or len(known) < 2:
        raise UnusableTextError(
            f"of {target!r} {int(labelled.sum()):,} rows have text and label, {len(known)} classes at least {FEWEST} times; "
            f"label {LEAST_LABELLED} rows of two classes or more, or ask for --topics without labels"
        )
    texts, labels = frame.loc[labelled, "text"], frame.loc[labelled, target]
    dated = (
        frame.loc[labelled, "date"] if "date" in frame and frame.loc[labelled, "date"].notna().all() else None
    )
    figures = evaluate(texts.reset_index(drop=True), labels.reset_index(drop=True), dated)
    taught = labels.isin(known)
    model = Classifier.fit(texts[taught].tolist(), labels[taught].tolist())
    asked = written & frame[target].isna()
    values, probability = frame[target].to_numpy(object).copy(), np.full(len(frame), np.nan)
    if asked.any():
        told = model.predict(frame.loc[asked, "text"].tolist())
        values[asked.to_numpy()], probability[asked.to_numpy()] = told["label"], told["probability"]
    found = pd.DataFrame(
        {
            target: values,
            f"{target}_probability": probability,
            f"{target}_given": frame[target].notna().to_numpy(),
        }
    )
    rare = sorted(set(labels) - set(known))
    return found, {
        "labelled": int(labelled.sum()), "predicted": int(asked.sum()), "classes": len(known), "too_rare": rare,
        "temperature": model.temperature, "evaluation": asdict(figures) if figures else None,
    }  # fmt: skip


def _described(
    frame: pd.DataFrame, told: pd.DataFrame, targets: list[str], figures: dict[str, Any]
) -> Report:
    dates = frame.get("date")
    months: list[pd.DataFrame] = []
    whole: list[pd.DataFrame] = []
    marks: list[pd.DataFrame] = []
    for target in targets:
        usable = frame["text"].notna().to_numpy() & told[target].notna().to_numpy()
        some = phrases.driving(frame.loc[usable, "text"].tolist(), told.loc[usable, target].tolist())
        marks.append(some.assign(target=target))
        if dates is not None:
            dated = dates.notna().to_numpy() & told[target].notna().to_numpy()
            if not dated.any():
                continue
            months.append(trend.by_month(dates[dated], told.loc[dated, target]).assign(target=target))
            whole.append(trend.over_all(dates[dated], told.loc[dated, target]).assign(target=target))
    return Report(told, _joined(months), _joined(whole), _joined(marks), figures)


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame()
    table = pd.concat(frames, ignore_index=True)
    return table[["target", *(column for column in table.columns if column != "target")]]
