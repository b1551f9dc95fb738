"""How alike two records are, field by field: numbers for the re-ranker, each computed once per pair of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from conf.linkage import ColumnConf
from models.linkage import closeness
from models.linkage.branches import FIRM, branch
from models.linkage.callnames import one_name
from models.linkage.chinese import letters
from models.linkage.encoded import FILTERS, dice, words
from models.linkage.field import Field, Measure
from models.linkage.normalising import by_value, spelt
from models.linkage.wording import FREE

Floats = npt.NDArray[np.float32]
Pairs = npt.NDArray[np.int64]
NAMES: Final = frozenset({"given name", "middle name", "family name", "full name"})
TEXTS: Final = frozenset({"full name", "organisation name", "employer", "street", "full address", "text"})
ADDRESS: Final = frozenset({"street", "house number", "unit", "town", "region", "postcode", "full address"})


class Likeness:
    """Features of pairs of rows of `values` (models.linkage.normalising; `fields` are its columns), by `columns`' meanings.

    `names` tells the features' names; each is higher the more alike two records are, and NaN where one lacks it,
    but for those named `rare …` (−log10 of the commoner value's share) and `lacking …`.
    """

    def __init__(
        self, values: pd.DataFrame, fields: Mapping[str, Field], columns: dict[str, ColumnConf]
    ) -> None:
        self._columns = _with_combined(values, fields, columns)
        self.names = [name for name, *_ in self._columns]

    def of(self, pairs: Pairs) -> Floats:
        """Shape (pairs, features)."""
        return np.column_stack([measure(pairs) for _, measure in self._columns]).astype(np.float32)


def _with_combined(
    values: pd.DataFrame, fields: Mapping[str, Field], columns: dict[str, ColumnConf]
) -> list[tuple[str, Measure]]:
    made: list[tuple[str, Measure]] = []
    for name, column in columns.items():
        made += _of_column(name, column.meaning, fields[name])
    made += _hidden_names(values, columns)
    names = [n for n, c in columns.items() if c.meaning in NAMES]
    if len(names) > 1:
        made.append(("all names", Field(_together(values, names)).by(fuzz.token_sort_ratio, 100)))
        made += _crossed(values, columns)
    address = [n for n, c in columns.items() if c.meaning in ADDRESS]
    if len(address) > 1:
        made.append(("whole address", Field(_together(values, address)).by(fuzz.token_set_ratio, 100)))
    return made


def _of_column(name: str, meaning: str, field: Field) -> list[tuple[str, Measure]]:
    made: list[tuple[str, Measure]] = [(f"same {name}", field.same), (f"rare {name}", field.rarity)]
    if meaning in {"sex", "category", "country", "encoded code", "encoded category"}:
        return made
    if meaning in FILTERS:
        return [*made, (f"bits {name}", field.bits())]
    if meaning == "date of birth":
        made += _dated(name, field)
    made.append((f"edits {name}", field.by(DamerauLevenshtein.normalized_similarity)))
    if meaning in TEXTS | NAMES | {"town", "birthplace", "e-mail"}:
        made.append((f"like {name}", field.by(JaroWinkler.similarity)))
    if meaning in TEXTS:
        made += _worded(name, meaning, field)
    made += _by_meaning(name, meaning, field)
    if field.chinese:
        made += _spoken(name, meaning, field)
    return made


def _by_meaning(name: str, meaning: str, field: Field) -> list[tuple[str, Measure]]:
    """What only one kind of column tells."""
    match meaning:
        case "organisation name" | "employer":
            within, short = field.by(fuzz.partial_ratio, 100), field.each(closeness.shortened)
            branches = _of_branch(name, field) if meaning == "organisation name" else []
            return [(f"within {name}", within), (f"short {name}", short), *branches]
        case "number":
            return [(f"apart {name}", field.each(closeness.apart))]
        case "e-mail":
            return [(f"begins {name}", field.each(closeness.begins))]
        case "given name":
            return [
                (f"begins {name}", field.each(closeness.begins)),
                (f"one name {name}", field.each(one_name)),
            ]
        case _:
            return []


def _of_branch(name: str, field: Field) -> list[tuple[str, Measure]]:
    """Whether both name one branch, or none, where any name does."""
    named = Field(by_value(field.values, lambda v: branch(v) or FIRM))
    return [(f"same branch {name}", named.same)] if len(named.known) > 1 else []


def _spoken(name: str, meaning: str, field: Field) -> list[tuple[str, Measure]]:
    """How Chinese values sound; of names whether they are the same by ear whatever stands first."""
    made: list[tuple[str, Measure]] = [
        (f"sound {name}", Field(spelt(field.values)).by(JaroWinkler.similarity))
    ]
    if meaning in NAMES:
        made.append((f"same sound {name}", Field(letters(field.values)).same))
    return made


def _dated(name: str, field: Field) -> list[tuple[str, Measure]]:
    return [
        (f"parts of {name}", field.each(closeness.date_parts)),
        (f"years of {name}", field.each(closeness.years_apart)),
    ]


def _worded(name: str, meaning: str, field: Field) -> list[tuple[str, Measure]]:
    """How alike the words are; of free texts also what two share, and what each has that the other lacks."""
    made: list[tuple[str, Measure]] = [
        (f"words {name}", field.by(fuzz.token_set_ratio, 100)),
        (f"pieces {name}", field.pieces()),
        (f"in order {name}", field.by(fuzz.token_sort_ratio, 100)),
    ]
    if meaning not in FREE:
        return made
    words = field.wording
    return [
        *made,
        (f"rare words {name}", field.placed(words.cosine)),
        (f"contained {name}", field.placed(words.contained)),
        (f"foreign word {name}", field.placed(words.foreign)),
        (f"foreign code {name}", field.placed(words.foreign_codes)),
        (f"codes {name}", field.placed(words.codes)),
    ]


def _together(values: pd.DataFrame, names: list[str]) -> pd.Series:
    joined = values[names].fillna("").agg(" ".join, axis=1).str.split().str.join(" ")
    return joined.where(joined != "", None)


def _crossed(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> list[tuple[str, Measure]]:
    """Whether one record's given name is the other's family name."""
    by = {c.meaning: n for n, c in columns.items()}
    if not {"given name", "family name"} <= by.keys():
        return []
    given, family = values[by["given name"]], values[by["family name"]]
    both = Field(pd.concat([given, family], ignore_index=True))
    like, n = both.by(JaroWinkler.similarity), len(values)

    def swapped(pairs: Pairs) -> Floats:
        one = like(np.column_stack([pairs[:, 0], pairs[:, 1] + n]))
        other = like(np.column_stack([pairs[:, 0] + n, pairs[:, 1]]))
        return np.fmin(one, other)

    return [("names swapped", swapped)]


def _hidden_names(values: pd.DataFrame, columns: dict[str, ColumnConf]) -> list[tuple[str, Measure]]:
    """Whether one record's encoded name is the other's second one; how alike the bits of both together are."""
    names = [n for n, c in columns.items() if c.meaning == "encoded name"]
    if len(names) != 2:
        return []
    both_field, n = Field(pd.concat([values[n] for n in names], ignore_index=True)), len(values)
    both = both_field.bits()

    def swapped(pairs: Pairs) -> Floats:
        one = both(np.column_stack([pairs[:, 0], pairs[:, 1] + n]))
        return np.fmin(one, both(np.column_stack([pairs[:, 0] + n, pairs[:, 1]])))

    united = _united(both_field, words(list(both_field.known)), n)

    def together(pairs: Pairs) -> Floats:
        return dice(united, pairs[:, 0], pairs[:, 1])

    return [("names swapped", swapped), ("all names", together)]


def _united(field: Field, filters: npt.NDArray[np.uint64], n: int) -> npt.NDArray[np.uint64]:
    """The bits of the first n and of the last n values, record by record; a missing one sets none."""
    held = np.vstack([filters, np.zeros((1, filters.shape[1]), np.uint64)])
    return np.asarray(held[field.code[:n]] | held[field.code[n:]])
