"""How well complaints are classified that the model never saw, beside always naming the commonest class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from models.text.classify import SEED, Classifier, learnable
from models.text.words import key

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Fit = Callable[[Sequence[str], Sequence[str]], Classifier]
FOLDS: Final = 5
DRAWS: Final = 500
COVERED: Final = 0.95


@dataclass(frozen=True)
class Evaluation:
    """Figures on rows outside training; each interval is the middle 95 % of bootstrap draws of these rows."""

    order: str
    """`time`: trained on earlier rows only; `stratified`: on other rows, copies of a text kept together."""
    rows: int
    classes: int
    macro_f1: tuple[float, float, float]
    """Unweighted mean over classes that occur among the rows: figure, low, high."""
    accuracy: tuple[float, float, float]
    baseline_macro_f1: float
    baseline_accuracy: float
    better_by: tuple[float, float, float]
    """Macro-F1 over the baseline's, paired."""
    calibration_error: float
    """Mean |probability − accuracy| over ten groups of equal size (ECE)."""


def evaluate(
    texts: pd.Series, labels: pd.Series, dates: pd.Series | None = None, fit: Fit = Classifier.fit
) -> Evaluation | None:
    """Of labelled rows and the way to learn from them. Of classes too rare to learn every row counts as wrong. None where no fold can be learnt from."""
    told = [_fold(texts, labels, train, test, fit) for train, test in _folds(texts, labels, dates)]
    held = [fold for fold in told if fold is not None]
    if not held:
        return None
    rows = pd.concat(held, ignore_index=True)
    names = sorted(set(rows["truth"]))
    truth, model, always = (_coded(rows[column], names) for column in ("truth", "model", "always"))
    figures = _figures(truth, model, always, len(names))
    rng = np.random.default_rng(SEED)
    drawn = np.array([
        _figures(truth[i], model[i], always[i], len(names))
        for i in (rng.integers(0, len(rows), len(rows)) for _ in range(DRAWS))
    ])  # fmt: skip
    low, high = np.nanquantile(drawn, [(1 - COVERED) / 2, (1 + COVERED) / 2], axis=0)
    bound = [(float(figures[k]), float(low[k]), float(high[k])) for k in range(5)]
    return Evaluation(
        "stratified" if dates is None else "time", len(rows), len(names),
        bound[0], bound[1], bound[2][0], bound[3][0], bound[4],
        _calibration_error(rows["probability"].to_numpy(float), truth == model),
    )  # fmt: skip


def _folds(texts: pd.Series, labels: pd.Series, dates: pd.Series | None) -> Iterator[tuple[Ints, Ints]]:
    if dates is not None:
        blocks = np.array_split(np.argsort(dates.to_numpy(), kind="stable"), FOLDS + 1)
        for k in range(1, FOLDS + 1):
            yield np.concatenate(blocks[:k]), blocks[k]
        return
    group = pd.factorize(texts.map(key))[0]
    for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(
        texts, labels, group
    ):
        yield np.asarray(train), np.asarray(test)


def _fold(texts: pd.Series, labels: pd.Series, train: Ints, test: Ints, fit: Fit) -> pd.DataFrame | None:
    known = learnable(labels.iloc[train])
    if len(known) < 2 or not len(test):
        return None
    kept = train[labels.iloc[train].isin(known).to_numpy()]
    model = fit(texts.iloc[kept].tolist(), labels.iloc[kept].tolist())
    found = model.predict(texts.iloc[test].tolist())
    return pd.DataFrame({
        "truth": labels.iloc[test].to_numpy(), "model": found["label"].to_numpy(),
        "probability": found["probability"].to_numpy(), "always": known[0],
    })  # fmt: skip


def _coded(values: pd.Series, names: list[str]) -> Ints:
    """Places in `names`; a class that isn't among them gets the place after the last."""
    place = {name: k for k, name in enumerate(names)}
    return np.array([place.get(str(value), len(names)) for value in values], dtype=np.int64)


def _figures(truth: Ints, model: Ints, always: Ints, classes: int) -> tuple[float, ...]:
    mine, base = macro_f1(truth, model, classes), macro_f1(truth, always, classes)
    return mine, float((truth == model).mean()), base, float((truth == always).mean()), mine - base


def macro_f1(truth: Ints, told: Ints, classes: int) -> float:
    """The unweighted mean of F1 over the classes that occur in `truth`."""
    hits = np.bincount(truth[truth == told], minlength=classes + 1)[:classes]
    were = np.bincount(truth, minlength=classes + 1)[:classes]
    said = np.bincount(told, minlength=classes + 1)[:classes]
    return float((2 * hits / np.maximum(were + said, 1))[were > 0].mean())


def _calibration_error(p: Floats, right: npt.NDArray[np.bool_]) -> float:
    parts = np.array_split(np.argsort(p, kind="stable"), min(10, len(p)))
    return float(sum(len(i) * abs(p[i].mean() - right[i].mean()) for i in parts) / len(p))
