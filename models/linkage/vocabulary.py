"""Categories that sources say in words of their own: `gk` is a goalkeeper, `Deutschland` is `DE`.

Taken as they are, two such sources never agree, and what should join records parts them. Which word stands for which is told, as of
numbers that move on (models.linkage.ageing), by the pairs across two sources that all else makes likely: where one source's word
that the other hardly uses goes with one of the other's mostly, and by more than chance allows, it is taken for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from conf.linkage import ColumnConf
from models.linkage.ageing import set_back
from models.linkage.crossing import WORDED, crossed, largest

Pairs = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FEWEST: Final = 5
"""Pairs in which two words meet, at least."""
MOSTLY: Final = 0.5
"""Share of the pairs with a word in which it goes with one word of the other source, at least."""
HARDLY: Final = 0.1
"""A source that uses a word so many times less than the other has another one for it."""
DEVIATIONS: Final = 3.0


def told_alike(
    values: pd.DataFrame,
    columns: Mapping[str, ColumnConf],
    source: Codes | None,
    pairs: Pairs,
    scored: pa.Table,
) -> pd.DataFrame:
    """`values` with numbers (models.linkage.ageing) and categories that sources tell in ways of their own told in one way; as they
    are where nothing is so, or no source is known.
    """
    if source is None:
        return values
    told = columns, source, pairs, scored
    return translated(set_back(values, *told), *told)


def translated(
    values: pd.DataFrame, columns: Mapping[str, ColumnConf], source: Codes, pairs: Pairs, scored: pa.Table
) -> pd.DataFrame:
    """`values` (models.linkage.normalising) with the categories of each source in the words of the largest; as they are where
    all have one vocabulary. `scored` (models.linkage.scoring): what is known of `pairs` so far.
    """
    chief = largest(source, values)
    for place, (name, column) in enumerate(columns.items()):
        if column.meaning not in WORDED - {"number"}:
            continue
        said = values[name].to_numpy(object)
        for other, theirs, chiefs in crossed(place, columns, source, pairs, scored, chief):
            used = [pd.Series(said[source == s]).value_counts(normalize=True) for s in (other, chief)]
            meant = _meant(pd.Series(said[theirs]), pd.Series(said[chiefs]))
            meant = {word: to for word, to in meant.items() if used[1].get(word, 0) <= HARDLY * used[0][word]}
            if meant:
                values = values.assign(
                    **{name: values[name].where(source != other, values[name].replace(meant))}
                )
    return values


def _meant(theirs: pd.Series, chiefs: pd.Series) -> dict[str, str]:
    """Each word of `theirs` that goes with another one of `chiefs` (rows are pairs), and that one."""
    known = (theirs.notna() & chiefs.notna()).to_numpy()
    met = pd.crosstab(theirs[known], chiefs[known])
    if met.empty:
        return {}
    total, often = met.sum(axis=1).to_numpy(float), met.sum(axis=0).to_numpy(float) / met.to_numpy().sum()
    best = met.to_numpy().argmax(axis=1)
    most = met.to_numpy()[np.arange(len(met)), best]
    chance = total * often[best]
    surely = (most >= FEWEST) & (most >= MOSTLY * total) & (most - chance > DEVIATIONS * np.sqrt(chance))
    return {
        str(w): str(met.columns[b])
        for w, b, s in zip(met.index, best, surely, strict=True)
        if s and w != met.columns[b]
    }
