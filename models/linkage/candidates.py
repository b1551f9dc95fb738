"""Candidate pairs: all of them in a small file; in a large one those that share a key or much rare text.

Pairs grow linearly with the records: every key compares at most `limit` records with one another, a fuller one each
record with its neighbours in order, and each record brings at most `neighbours` by likeness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from conf.linkage import LinkageConf
from models.linkage.chinese import letters

Pairs = npt.NDArray[np.int64]
"""Shape (n, 2): positions of two records, the lower first; ordered, each once."""
WINDOW: Final = 5
GRAM: Final = 3
WORK_PER_RECORD: Final = 20_000
CHUNK: Final = 2_000
STRONG: Final = frozenset({"national id", "passport", "tax id", "registration id", "phone", "e-mail"})
WHO: Final = frozenset({"given name", "family name", "full name", "organisation name"})
WHERE: Final = frozenset(
    {"street", "full address", "postcode", "town", "house number", "employer", "birthplace"}
)


@dataclass(frozen=True)
class Found:
    """Candidate pairs, and how they were found: name of the key → pairs, overfull blocks."""

    pairs: Pairs
    by: pd.DataFrame


def candidates(values: pd.DataFrame, conf: LinkageConf) -> Found:
    """Pairs of rows of `values` (models.linkage.normalising) worth comparing."""
    n = len(values)
    if n * (n - 1) // 2 <= conf.candidates.all_pairs_up_to:
        left, right = np.triu_indices(n, 1)
        return Found(np.column_stack([left, right]), _account([("all pairs", n * (n - 1) // 2, 0)]))
    order = _order(values)
    told: list[tuple[str, int, int]] = []
    codes: list[npt.NDArray[np.int64]] = []
    for name, key in keys(values, conf):
        pairs, full = sharing(key, order, conf.candidates.block_limit)
        told.append((name, len(pairs), full))
        codes.append(pairs[:, 0] * n + pairs[:, 1])
    near = neighbours(values, conf)
    told.append(("most alike", len(near), 0))
    codes.append(near[:, 0] * n + near[:, 1])
    merged = np.unique(np.concatenate(codes))
    return Found(np.column_stack([merged // n, merged % n]), _account(told))


def keys(values: pd.DataFrame, conf: LinkageConf) -> Iterator[tuple[str, pd.Series]]:
    """(name, key per record, None where it has none): strong columns alone, names with dates or places, by pieces."""
    columns = {n: c.meaning for n, c in conf.compared.items() if c.block}
    for name, meaning in columns.items():
        if meaning in STRONG:
            yield name, values[name]
    who = [c for c, m in columns.items() if m in WHO]
    born = [c for c, m in columns.items() if m == "date of birth"]
    where = [c for c, m in columns.items() if m in WHERE]
    heads = {c: values[c].str[:4] for c in who}
    for name in [c for c in who if conf.compared[c].sound]:
        yield f"sound of {name}", letters(values[name])
    for name in born:
        yield name, values[name].where(values[name].str.len() >= 6)
        for who_name, head in heads.items():
            yield f"{who_name}, part of {name}", _joined(head.str[:2], values[name].str[:6])
            yield f"{who_name}, end of {name}", _joined(head.str[:2], values[name].str[4:])
    for a, b in combinations(who, 2):
        yield f"{a}, {b}", _joined(heads[a], heads[b])
        yield f"{a} for {b}", _either_way(values[a], values[b])
    for a in who:
        for b in where:
            yield f"{a}, {b}", _joined(heads[a], values[b])
    for a, b in combinations(where, 2):
        yield f"{a}, {b}", _joined(values[a], values[b])


def _joined(left: pd.Series, right: pd.Series) -> pd.Series:
    return left + "|" + right


def _either_way(left: pd.Series, right: pd.Series) -> pd.Series:
    """The same key whichever of two names stands first."""
    first = left.where(left < right, right)
    second = right.where(left < right, left)
    return first + "|" + second


def sharing(key: pd.Series, order: npt.NDArray[np.int64], limit: int) -> tuple[Pairs, int]:
    """Pairs of records that share a key, and the number of overfull blocks, compared only by neighbours in `order`."""
    code, _ = pd.factorize(key.to_numpy(dtype=object))
    seat = np.lexsort((order, code))
    seat = seat[code[seat] >= 0]
    of = code[seat]
    size = np.bincount(of, minlength=int(of.max()) + 1 if len(of) else 1)
    reach = np.where(size > limit, WINDOW, limit)[of]
    found = []
    for step in range(1, min(limit, int(size.max(initial=0)))):
        same = (of[:-step] == of[step:]) & (reach[:-step] >= step)
        found.append(np.column_stack([seat[:-step][same], seat[step:][same]]))
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    return np.sort(pairs, axis=1), int((size > limit).sum())


def neighbours(values: pd.DataFrame, conf: LinkageConf) -> Pairs:
    """Each record with those most alike by weighted three-letter pieces of all that is known of it."""
    grams = weighed(values, conf)
    transposed = grams.T.tocsr()
    found = [
        _nearest((grams[start : start + CHUNK] @ transposed).tocsr(), start, conf.candidates.neighbours)
        for start in range(0, grams.shape[0], CHUNK)
    ]
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def weighed(values: pd.DataFrame, conf: LinkageConf) -> sparse.csr_matrix:
    """Records × pieces of text, by inverse document frequency, rows of length one; pieces too common are left out."""
    rows: list[npt.NDArray[np.int64]] = []
    cols: list[npt.NDArray[np.int64]] = []
    vocabulary: dict[tuple[str, str], int] = {}
    for name, column in conf.compared.items():
        if not column.block or column.meaning in {"sex", "category", "country", "region"}:
            continue
        group = (
            "who" if column.meaning in WHO | {"middle name"} else "where" if column.meaning in WHERE else name
        )
        code, known = pd.factorize(values[name].to_numpy(dtype=object))
        pieces = [
            [vocabulary.setdefault((group, p), len(vocabulary)) for p in _pieces(str(v))] for v in known
        ]
        lengths = np.array([len(p) for p in pieces])
        flat = np.concatenate([np.array(p, np.int64) for p in pieces]) if pieces else np.empty(0, np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
        here = np.flatnonzero(code >= 0)
        count = lengths[code[here]]
        rows.append(np.repeat(here, count))
        cols.append(flat[_spread(starts[code[here]], count)])
    return _idf(np.concatenate(rows), np.concatenate(cols), (len(values), len(vocabulary)))


def _spread(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ends = np.cumsum(counts)
    return (
        np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts) + np.repeat(starts, counts)
    )


def _pieces(value: str) -> list[str]:
    padded = f" {value} "
    return sorted({padded[i : i + GRAM] for i in range(len(padded) - GRAM + 1)})


def _idf(
    rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64], shape: tuple[int, int]
) -> sparse.csr_matrix:
    grams = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, cols)), shape)
    grams.data[:] = 1
    held = np.asarray(grams.sum(axis=0)).ravel()
    # The work is the sum of squares of the frequencies: the commonest pieces go until it is bounded.
    by_size = np.argsort(held)
    kept = by_size[np.cumsum(held[by_size] ** 2.0) <= WORK_PER_RECORD * shape[0]]
    grams = grams[:, np.sort(kept)]
    idf = np.log1p(shape[0] / np.maximum(held[np.sort(kept)], 1)).astype(np.float32)
    grams = grams.multiply(idf).tocsr()
    length = np.sqrt(np.asarray(grams.multiply(grams).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.maximum(length, 1e-9)).astype(np.float32).dot(grams).tocsr()


def _nearest(products: sparse.csr_matrix, start: int, most: int) -> Pairs:
    found = []
    for row in range(products.shape[0]):
        lo, hi = products.indptr[row], products.indptr[row + 1]
        near, value = products.indices[lo:hi], products.data[lo:hi]
        if len(near) > most + 1:
            near = near[np.argpartition(value, -(most + 1))[-(most + 1) :]]
        near = near[near != start + row]
        found.append(np.column_stack([np.full(len(near), start + row), near]))
    return np.concatenate(found).astype(np.int64)


def _order(values: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Each record's place when all are ordered by what they say."""
    filled = [values[name].fillna("").astype(object) for name in values.columns]
    text = reduce(lambda left, right: left + " " + right, filled)
    return np.argsort(np.argsort(text.to_numpy(dtype=object), kind="stable"))


def _account(told: list[tuple[str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(told, columns=["key", "pairs", "overfull_blocks"])
