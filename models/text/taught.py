"""A target learnt from labelled complaints and judged: kept only where it tells more than the commonest class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import pandas as pd

from models.text.classify import FEWEST, Classifier, learnable
from models.text.evaluate import Evaluation, evaluate
from models.text.frozen import frozen

USED: Final = 5
"""Complaints that must use a term before it is kept: it says nothing of one person."""
LEAST_LABELLED: Final = 50


@dataclass(frozen=True)
class Taught:
    """`model` as `frozen` writes it, or None and why it was `refused`."""

    rows: int
    classes: tuple[str, ...]
    evaluation: Evaluation | None
    model: str | None
    refused: str | None


def taught(frame: pd.DataFrame, most: int) -> Taught:
    """Learnt from rows with text, label and date, of which at most `most` terms are counted. Deterministic.

    Refused where too little is labelled, where nothing can be judged, and where accuracy or macro-F1 isn't above that of always
    naming the commonest class beyond noise: macro-F1 alone is raised by guessing, accuracy alone by naming few classes.
    """
    known = learnable(frame["label"])
    if len(frame) < LEAST_LABELLED or len(known) < 2:
        few = f"too few cases: {len(frame)} labelled of {LEAST_LABELLED} needed, {len(known)} classes at least {FEWEST} times of 2"
        return Taught(len(frame), tuple(known), None, None, few)
    fit = partial(Classifier.fit, used=USED, most=most)
    rows = frame.reset_index(drop=True)
    try:
        found = evaluate(rows["text"], rows["label"], rows["date"], fit)
        refused = _refused(found)
        kept = rows[rows["label"].isin(known)]
        model = None if refused else frozen(fit(kept["text"].tolist(), kept["label"].tolist()))
    except ValueError:  # scikit-learn's, where pruning leaves no term
        found, model, refused = None, None, f"no term is used by {USED} complaints"
    return Taught(len(frame), tuple(known), found, model, refused)


def _refused(found: Evaluation | None) -> str | None:
    if found is None:
        return "can't be judged: no earlier complaints to learn from and later ones to foretell"
    (lead, low, high), (right, least, most) = found.better_by, found.accuracy
    if low <= 0:
        return f"does not beat the commonest class beyond noise: macro-F1 ahead by {lead:.3f} [{low:.3f}, {high:.3f}]"
    if least <= found.baseline_accuracy:
        told = f"{right:.3f} [{least:.3f}, {most:.3f}] against {found.baseline_accuracy:.3f}"
        return f"does not beat the commonest class beyond noise: accuracy {told}"
    return None
