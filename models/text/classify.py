"""The model: TF-IDF of terms and of words' characters, and one calibrated linear classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import FeatureUnion

from models.text.words import key, latin, terms

Floats = npt.NDArray[np.float64]
FEWEST: Final = 5
"""Complaints of a class from which it is learnt."""
TERMS: Final = 60_000
"""Terms that are counted at most, and as many runs of characters."""
USED: Final = 2
"""Complaints that must use a term before it is counted."""
STRENGTH: Final = 10.0
"""Inverse of the penalty (scikit-learn's C): on English narratives .1 to 10 times as much changes macro-F1 by less than .005."""
WEIGHT: Final = "balanced"
TERM: Final = "terms"
CHARACTER: Final = "characters"
FOLDS: Final = 3
SEED: Final = 20260101


@dataclass(frozen=True)
class Classifier:
    """A fitted model of one target. `temperature` divides its logits so that probabilities come true."""

    features: FeatureUnion
    model: LogisticRegression
    temperature: float

    @property
    def classes(self) -> list[str]:
        """The classes, in the order of probabilities' columns."""
        return [str(name) for name in self.model.classes_]

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[str], *, used: int = USED, most: int = TERMS
    ) -> Classifier:
        """Learnt from texts and their labels: two classes or more, each at least FEWEST times (`learnable`).

        Counted are at most `most` terms that `used` texts or more have, and as many runs of characters.

        The temperature is that of the least log loss on folds that keep copies of one text together
        (Guo et al. 2017: On calibration of modern neural networks; one parameter, so order and classes stay).
        """
        features, y = _features(used, most), np.asarray(labels, dtype=object)
        x = features.fit_transform(list(texts)).tocsr()
        copies = pd.factorize(np.array([key(text) for text in texts], dtype=object))[0]
        return cls(features, _linear().fit(x, y), _temperature(x, y, copies))

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, classes); each row sums to 1."""
        logits = _logits(self.model, self.features.transform(list(texts)))
        found: Floats = softmax(logits / self.temperature, axis=1)
        return found

    def predict(self, texts: Sequence[str]) -> pd.DataFrame:
        """Each text's likeliest class (label) and its probability, in the texts' order."""
        p = self.probabilities(texts)
        best = p.argmax(axis=1)
        return pd.DataFrame(
            {"label": np.array(self.classes, dtype=object)[best], "probability": p.max(axis=1)}
        )


def learnable(labels: pd.Series) -> list[str]:
    """Classes that occur often enough to learn from, the commonest first."""
    counts = labels.value_counts()
    return [str(name) for name in counts[counts >= FEWEST].index]


def _features(used: int, most: int) -> FeatureUnion:
    common: dict[str, Any] = {"min_df": used, "max_features": most}
    return FeatureUnion([(TERM, counted(TERM, **common)), (CHARACTER, counted(CHARACTER, **common))])


def counted(kind: str, **chosen: Any) -> TfidfVectorizer:
    """What counts a text's terms, or the characters of its words, weighted by rarity; `chosen` are scikit-learn's own."""
    common: dict[str, Any] = {"sublinear_tf": True, "dtype": np.float32, **chosen}
    if kind == TERM:
        return TfidfVectorizer(analyzer=terms, **common)
    return Characters(analyzer="char_wb", ngram_range=(3, 5), preprocessor=latin, **common)


def _linear() -> LogisticRegression:
    # Rare classes count as much as common ones; the temperature mends what that does to probabilities.
    return LogisticRegression(C=STRENGTH, max_iter=300, class_weight=WEIGHT)


class Characters(TfidfVectorizer):  # type: ignore[misc] # scikit-learn ships no types
    """Characters of words; of texts without any, the same for each instead of an error."""

    wordless: bool = False

    def fit_transform(self, raw_documents: Sequence[str], y: object = None) -> Any:
        """As scikit-learn's."""
        try:
            return super().fit_transform(raw_documents, y)
        except ValueError:
            self.min_df = 1
            return self.without_words().fit_transform(raw_documents, y)

    def without_words(self) -> Characters:
        """Itself, from now on with one and the same word for every text."""
        self.preprocessor, self.lowercase, self.wordless = _one_word, False, True
        return self


def _one_word(_: str) -> str:
    return "none"


def _logits(model: LogisticRegression, x: csr_matrix) -> Floats:
    found = np.asarray(model.decision_function(x), np.float64)
    # Of two classes scikit-learn gives the second's logit alone.
    return np.column_stack([np.zeros(len(found)), found]) if found.ndim == 1 else found


def _temperature(x: csr_matrix, y: npt.NDArray[np.object_], copies: npt.NDArray[np.int64]) -> float:
    classes, logits, truth = np.unique(y), [], []
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(x, y, copies):
        if len(np.unique(y[train])) < len(classes) or not len(test):
            continue  # copies of one text are all there is of a class
        logits.append(_logits(_linear().fit(x[train], y[train]), x[test]))
        truth.append(np.searchsorted(classes, y[test]))
    return _least_loss(np.vstack(logits), np.concatenate(truth)) if logits else 1.0


def _least_loss(logits: Floats, truth: npt.NDArray[np.int64]) -> float:
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[rows, truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 2.0), method="bounded").x))
