"""Topics of texts that nobody labelled: non-negative matrix factorisation of their terms (Lee and Seung 1999)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer

from models.text.table import UnusableTextError
from models.text.words import phrases

NAMED_BY: Final = 3
SEED: Final = 20260101


def discovered(texts: Sequence[str], topics: int) -> pd.Series:
    """A topic for each text, named by its strongest phrases; empty where a text has none of them.

    Raises UnusableTextError where texts are too few or too alike for so many topics.
    """
    vectoriser = TfidfVectorizer(analyzer=phrases, min_df=5, max_df=0.6, max_features=20_000)
    try:
        x = vectoriser.fit_transform(texts)
    except ValueError:
        x = np.empty((0, 0))
    if min(x.shape) <= topics:
        raise UnusableTextError(
            f"{len(texts):,} texts say too little for {topics} topics; ask for fewer topics or give more texts"
        )
    model = NMF(topics, init="nndsvda", random_state=SEED, max_iter=400)
    weight = model.fit_transform(x)
    names = _names(model.components_, vectoriser.get_feature_names_out())
    best = np.where(weight.max(axis=1) > 0, weight.argmax(axis=1), topics)
    return pd.Series(np.array([*names, None], dtype=object)[best])


def _names(components: np.ndarray, vocabulary: np.ndarray) -> list[str]:
    names: list[str] = []
    for strength in components:
        chosen: list[str] = []
        for k in np.argsort(-strength):
            phrase = str(vocabulary[k])
            if all(phrase not in other and other not in phrase for other in chosen):
                chosen.append(phrase)
            if len(chosen) == NAMED_BY:
                break
        names.append(" / ".join(chosen))
    return [name if names.index(name) == k else f"{name} ({k + 1})" for k, name in enumerate(names)]
