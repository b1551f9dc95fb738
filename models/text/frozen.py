"""A classifier as text that any process can take up again: to be kept in a table and sent to whoever foretells.

Numbers are rounded to single precision before anything is foretold with them, so that what learnt and what was taken
up again say the same.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from models.text.classify import CHARACTER, TERM, Characters, Classifier, counted

Floats = npt.NDArray[np.float32]
KINDS: Final = (TERM, CHARACTER)


def frozen(model: Classifier) -> str:
    """The classifier as JSON, keys sorted: terms with their weights, and no text."""
    counters = dict(model.features.transformer_list)
    kept = {
        "classes": model.classes,
        "temperature": model.temperature,
        "weights": _written(model.model.coef_),
        "intercepts": _written(model.model.intercept_),
        **{kind: _terms(counters[kind]) for kind in KINDS},
    }
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=4)
def thawed(text: str) -> Classifier:
    """The classifier that `frozen` wrote; read once in each process, however many batches it gets."""
    kept = json.loads(text)
    model = LogisticRegression()
    model.classes_ = np.array(kept["classes"], dtype=object)
    model.intercept_ = _read(kept["intercepts"]).astype(np.float64)
    model.coef_ = _read(kept["weights"]).reshape(len(model.intercept_), -1).astype(np.float64)
    counters = [(kind, _counter(kind, kept[kind])) for kind in KINDS]
    return Classifier(FeatureUnion(counters), model, float(kept["temperature"]))


def _terms(counter: TfidfVectorizer) -> dict[str, Any]:
    names = sorted(counter.vocabulary_, key=counter.vocabulary_.__getitem__)
    wordless = isinstance(counter, Characters) and counter.wordless
    return {"terms": names, "rarity": _written(counter.idf_), "wordless": wordless}


def _counter(kind: str, kept: dict[str, Any]) -> TfidfVectorizer:
    counter = counted(kind, vocabulary=kept["terms"])
    counter.idf_ = _read(kept["rarity"]).astype(np.float32)
    return counter.without_words() if kept["wordless"] else counter


def _written(values: npt.NDArray[Any]) -> str:
    return b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def _read(text: str) -> Floats:
    return np.frombuffer(b64decode(text), dtype="<f4")
