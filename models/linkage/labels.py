"""What is known already: pairs of records that are one entity or aren't, and entities of some records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.linkage.clustering import within

Pairs = npt.NDArray[np.int64]
UNKNOWN: Final = -1
LARGEST: Final = 1_000
YES: Final = frozenset({"1", "1.0", "true", "yes", "y", "t", "same", "match"})
NO: Final = frozenset({"0", "0.0", "false", "no", "n", "f", "different", "non-match"})


class LabelError(ValueError):
    """Labels that can't be used, with the remedy."""


@dataclass(frozen=True)
class Labels:
    """`entity`: a number per record, −1 where it isn't known; records of two known entities are two. `pairs`: positions
    of two records, the lower first; `same`: whether they are one entity.
    """

    entity: npt.NDArray[np.int64]
    pairs: Pairs
    same: npt.NDArray[np.bool_]

    def matches(self) -> Pairs:
        """Every pair known to be one entity."""
        alone = np.where(
            self.entity == UNKNOWN, self.entity.max(initial=0) + 1 + np.arange(len(self.entity)), self.entity
        )
        return np.concatenate([within(alone, LARGEST), self.pairs[self.same]])

    def told(self, pairs: Pairs) -> npt.NDArray[np.int8]:
        """For each pair 1 where it is known to be one entity, 0 where it is known not to be, else −1."""
        left, right = self.entity[pairs[:, 0]], self.entity[pairs[:, 1]]
        known = (left != UNKNOWN) & (right != UNKNOWN)
        result = np.where(known, left == right, UNKNOWN).astype(np.int8)
        width = len(self.entity)
        code, mine = pairs[:, 0] * width + pairs[:, 1], self.pairs[:, 0] * width + self.pairs[:, 1]
        order = np.argsort(mine)
        place = np.minimum(np.searchsorted(mine[order], code), max(len(mine) - 1, 0))
        if len(mine):
            hit = mine[order][place] == code
            result[hit] = self.same[order][place][hit]
        return result


def of_entities(entity: pd.Series) -> Labels:
    """From a column that names the entity of some records."""
    code = pd.factorize(entity.to_numpy(dtype=object))[0].astype(np.int64)
    return Labels(code, np.empty((0, 2), np.int64), np.empty(0, bool))


def of_table(labels: pd.DataFrame, names: pd.Series) -> Labels:
    """From a table of pairs (record_id_l, record_id_r, same) or of records (record_id, entity); `names`: the records'
    ids. Raises LabelError.
    """
    place = pd.Series(np.arange(len(names)), names.astype(str).to_numpy())
    if {"record_id", "entity"} <= set(labels.columns):
        entity = pd.Series([None] * len(names), dtype=object)
        entity.iloc[_places(labels["record_id"], place)] = labels["entity"].astype(object).to_numpy()
        return of_entities(entity)
    if {"record_id_l", "record_id_r", "same"} <= set(labels.columns):
        ends = [_places(labels[f"record_id_{side}"], place) for side in "lr"]
        pairs = np.sort(np.column_stack(ends), axis=1)
        return Labels(np.full(len(names), UNKNOWN, np.int64), pairs, _decided(labels["same"]))
    raise LabelError(
        "the labels have neither the columns record_id, entity nor record_id_l, record_id_r, same; name them so"
    )


def _places(ids: pd.Series, place: pd.Series) -> npt.NDArray[np.int64]:
    found = place.reindex(ids.astype(str))
    if found.isna().any():
        raise LabelError(f"{int(found.isna().sum())} labelled record ids aren't in the input; give its --key")
    return np.asarray(found, np.int64)


def _decided(same: pd.Series) -> npt.NDArray[np.bool_]:
    plain = same.astype(str).str.strip().str.lower()
    if not plain.isin(YES | NO).all():
        raise LabelError("a label is neither yes nor no; write 1 or 0 in the column same")
    return np.asarray(plain.isin(YES), bool)


def with_known(pairs: Pairs, labels: Labels | None) -> Pairs:
    """`pairs` and those known to be one entity, ordered, each once."""
    return pairs if labels is None else np.unique(np.concatenate([pairs, labels.matches()]), axis=0)
