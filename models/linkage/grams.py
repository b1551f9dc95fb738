"""Texts as weighted three-letter pieces: how alike two are, the rare pieces counted more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

GRAM: Final = 3
CHUNK: Final = 200_000


def pieces(value: str) -> list[str]:
    """The distinct three-letter pieces of a text, its ends marked by blanks."""
    padded = f" {value} "
    return sorted({padded[i : i + GRAM] for i in range(len(padded) - GRAM + 1)})


def weighted(texts: Sequence[str], records: npt.NDArray[np.int64]) -> sparse.csr_matrix:
    """Texts × pieces by inverse document frequency, rows of length one; `records`: how many hold each text."""
    vocabulary: dict[str, int] = {}
    held = [[vocabulary.setdefault(p, len(vocabulary)) for p in pieces(t)] for t in texts]
    lengths = np.fromiter(map(len, held), np.int64, len(held))
    cols = np.fromiter((c for row in held for c in row), np.int64, int(lengths.sum()))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    made = sparse.csr_matrix(
        (np.ones(len(cols), np.float32), cols, starts), (len(held), max(len(vocabulary), 1))
    )
    often = np.asarray(made.T @ records.astype(np.float32)).ravel()
    idf = np.log1p(records.sum() / np.maximum(often, 1)).astype(np.float32)
    made.data *= idf[made.indices]
    length = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    made.data /= np.repeat(np.maximum(length, 1e-9), lengths).astype(np.float32)
    return made


def cosines(
    rows: sparse.csr_matrix, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """The cosine of each pair of rows, from 0 to 1."""
    found = [
        np.asarray(rows[left[i : i + CHUNK]].multiply(rows[right[i : i + CHUNK]]).sum(axis=1)).ravel()
        for i in range(0, len(left), CHUNK)
    ]
    return np.concatenate(found).astype(np.float32) if found else np.empty(0, np.float32)
