"""The engine on encoded columns: how alike two filters are, which pairs to compare, and the levels between them.

Likeness is Dice's coefficient of two bit sets, 2·|a ∧ b| / (|a| + |b|). How alike two unrelated values are depends on
the scheme, so levels stand at shares of the way from there to equality.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.linkage import ColumnConf, LevelConf, LinkageConf
from models.linkage.candidates import Found, sharing

Words = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.int64]
FILTERS: Final = frozenset({"encoded name", "encoded text", "encoded number", "encoded date"})
ENCODED: Final = FILTERS | {"encoded code", "encoded category"}
SHARES: Final = (0.8, 0.6, 0.4, 0.25)
DATE_SHARES: Final = (0.7, 0.45, 0.28, 0.15)
"""A day or two apart; two parts agree, or one digit of the year slipped; two parts, or swapped; the year alone."""
DRAWN: Final = 20_000
WHOLE: Final = 20_000
"""Records up to which each is compared with its nearest of all; beyond, those that agree in samples of their bits."""
SAMPLE: Final = 1024
TABLES: Final = 40
CHUNK: Final = 1_000
DICE: Final = (
    "CREATE OR REPLACE MACRO dice(a, b) AS 2.0 * bit_count(a & b) / greatest(bit_count(a) + bit_count(b), 1)"
)


def is_encoded(conf: LinkageConf) -> bool:
    """Whether any column is compared as an encoding."""
    return any(c.meaning in ENCODED for c in conf.compared.values())


def words(values: Sequence[str]) -> Words:
    """Filters in hexadecimal as rows of 64-bit words."""
    if not len(values):
        return np.empty((0, 1), np.uint64)
    raw = np.frombuffer(bytes.fromhex("".join(values)), np.uint8).reshape(len(values), -1)
    return np.pad(raw, ((0, 0), (0, -raw.shape[1] % 8))).view(np.uint64)


def dice(filters: Words, left: Pairs, right: Pairs) -> npt.NDArray[np.float32]:
    """Dice's coefficient of the rows `left` and `right`, pair by pair."""
    size = np.bitwise_count(filters).sum(axis=1, dtype=np.int64)
    result = np.empty(len(left), np.float32)
    for start in range(0, len(left), 100_000):
        a, b = left[start : start + 100_000], right[start : start + 100_000]
        shared = np.bitwise_count(filters[a] & filters[b]).sum(axis=1, dtype=np.int64)
        result[start : start + 100_000] = 2 * shared / np.maximum(size[a] + size[b], 1)
    return result


def with_levels(values: pd.DataFrame, conf: LinkageConf) -> LinkageConf:
    """`conf` with the levels of each filter column that brings none, from how alike its unrelated values are."""
    made = {
        name: column if column.levels or column.meaning not in FILTERS else _levelled(values, conf, name)
        for name, column in conf.columns.items()
    }
    return conf.model_copy(update={"columns": made})


def _levelled(values: pd.DataFrame, conf: LinkageConf, name: str) -> ColumnConf:
    columns = list(conf.compared)
    if name not in columns:
        return conf.columns[name]
    c, floor = f"c{columns.index(name)}", unrelated(values[name], conf.training.seed)
    levels = [LevelConf(label="same", sql=f"{c}_l = {c}_r")]
    for share in DATE_SHARES if conf.columns[name].meaning == "encoded date" else SHARES:
        least = floor + share * (1 - floor)
        levels.append(
            LevelConf(label=f"alike (Dice ≥ {least:.2f})", sql=f"dice({c}_l, {c}_r) >= {least:.4f}")
        )
    if other := _swapped(conf, name):
        levels.insert(
            2, LevelConf(label="stands in the other name's place", sql=f"{c}_l = c{columns.index(other)}_r")
        )
    levels.append(LevelConf(label="differs"))
    frequencies = conf.columns[name].term_frequencies
    told = conf.columns[name].meaning != "encoded date" if frequencies is None else frequencies
    return conf.columns[name].model_copy(update={"levels": tuple(levels), "term_frequencies": told})


def _swapped(conf: LinkageConf, name: str) -> str | None:
    names = [n for n, c in conf.compared.items() if c.meaning == "encoded name"]
    return next((n for n in names if n != name), None) if name in names and len(names) == 2 else None


def unrelated(values: pd.Series, seed: int) -> float:
    """How alike two different values of a column are on average, from random pairs."""
    distinct = list(values.dropna().unique())
    if len(distinct) < 2:
        return 0.0
    draw = np.random.default_rng(seed).integers(0, len(distinct), (DRAWN, 2))
    draw = draw[draw[:, 0] != draw[:, 1]]
    return float(dice(words(distinct), draw[:, 0], draw[:, 1]).mean())


def as_bits(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Turn hexadecimal `columns` of the table `record` into bit strings, and define `dice` over them."""
    connection.execute(DICE)
    for name in columns:
        connection.execute(f"ALTER TABLE record ALTER {name} TYPE BIT USING CAST(unhex({name}) AS BIT)")


def candidates(values: pd.DataFrame, conf: LinkageConf) -> Found:
    """As models.linkage.candidates, from filters and codes alone: equal codes, two equal columns, and the nearest."""
    n = len(values)
    if n * (n - 1) // 2 <= conf.candidates.all_pairs_up_to:
        left, right = np.triu_indices(n, 1)
        return Found(np.column_stack([left, right]), _told([("all pairs", n * (n - 1) // 2, 0)]))
    told, codes = [], []
    for name, key in _keys(values, conf):
        pairs, full = sharing(key, np.arange(n), conf.candidates.block_limit)
        told.append((name, len(pairs), full))
        codes.append(pairs[:, 0] * n + pairs[:, 1])
    bits = _standard(values, conf)
    near = _nearest(bits, conf.candidates.neighbours) if n <= WHOLE else _sampled(bits, conf)
    told.append(("most alike", len(near), 0))
    merged = np.unique(np.concatenate([*codes, near[:, 0] * n + near[:, 1]]))
    return Found(np.column_stack([merged // n, merged % n]), _told(told))


def _keys(values: pd.DataFrame, conf: LinkageConf) -> list[tuple[str, pd.Series]]:
    columns = {n: c.meaning for n, c in conf.compared.items() if c.block and c.meaning != "encoded category"}
    alone = [(n, values[n]) for n, m in columns.items() if m in {"encoded code", "encoded date"}]
    return alone + [(f"{a}, {b}", values[a] + "|" + values[b]) for a, b in combinations(columns, 2)]


def _standard(values: pd.DataFrame, conf: LinkageConf) -> npt.NDArray[np.float32]:
    """A sample of all columns' bits, each as its distance from the column's usual in deviations; missing ones 0."""
    parts = []
    for name, column in conf.compared.items():
        if column.meaning not in FILTERS or not column.block or values[name].isna().all():
            continue
        code, known = pd.factorize(values[name].to_numpy(dtype=object))
        bits = np.unpackbits(words(list(known)).view(np.uint8), axis=1)[:, : len(known[0]) * 4]
        parts.append((code, bits))
    rng = np.random.default_rng(conf.training.seed)
    each = max(SAMPLE // max(len(parts), 1), 1)
    found: npt.NDArray[np.float32] = np.column_stack(
        [_centred(code, bits[:, rng.permutation(bits.shape[1])[:each]]) for code, bits in parts]
    )
    return found


def _centred(code: Pairs, bits: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    held: npt.NDArray[np.float32] = bits[code].astype(np.float32)
    share = held[code >= 0].mean(axis=0)
    usual = np.sqrt(np.maximum(share * (1 - share), 0.01))
    apart: npt.NDArray[np.float32] = ((held - share) / usual).astype(np.float32)
    apart[code < 0] = 0
    return apart


def _nearest(bits: npt.NDArray[np.float32], most: int) -> Pairs:
    length = np.maximum(np.linalg.norm(bits, axis=1, keepdims=True), 1e-6)
    bits, found = bits / length, []
    for start in range(0, len(bits), CHUNK):
        near = bits[start : start + CHUNK] @ bits.T
        near[np.arange(len(near)), start + np.arange(len(near))] = -2
        best = np.argpartition(near, -most, axis=1)[:, -most:]
        found.append(np.column_stack([np.repeat(start + np.arange(len(near)), best.shape[1]), best.ravel()]))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _sampled(bits: npt.NDArray[np.float32], conf: LinkageConf) -> Pairs:
    """Records that agree in one of TABLES samples of bits (Hamming locality-sensitive hashing, Durham 2012)."""
    rng, n = np.random.default_rng(conf.training.seed), len(bits)
    width, found = int(2 * np.log2(n)), []
    for _ in range(TABLES):
        chosen = np.packbits(bits[:, rng.choice(bits.shape[1], width, replace=False)] > 0, axis=1)
        key = pd.Series([row.tobytes() for row in chosen], dtype=object)
        found.append(sharing(key, np.arange(n), conf.candidates.block_limit)[0])
    return np.unique(np.concatenate(found), axis=0)


def _told(rows: list[tuple[str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["key", "pairs", "overfull_blocks"])
