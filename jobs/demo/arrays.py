"""Array types of the demonstration bank, and the few vectorised idioms that all its modules share."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]

NO_DATE = 10_000_000
"""The day number that stands for "no date": later than any date, so that comparisons need no null."""
NO_NUMBER = -(2**62)
"""The integer that stands for a missing number or amount."""
KEY_MODULUS = 1_000_000_007


class Streams:
    """Seeded generators of one block: one for each subject, so that no subject shifts another's draws."""

    def __init__(self, seed: int, block: int) -> None:
        self._seed, self._block = seed, block

    def __call__(self, subject: str) -> np.random.Generator:
        """The generator of `subject`; the same name gives the same draws again."""
        key = (self._block, zlib.crc32(subject.encode()))
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=key))


def glue(*parts: Any) -> Texts:
    """Concatenate text arrays and plain strings element by element."""
    whole = np.asarray(parts[0])
    for part in parts[1:]:
        whole = np.strings.add(whole, np.asarray(part))
    return whole


def digits(numbers: Any, width: int) -> Texts:
    """Numbers as text, padded with zeros on the left to `width` characters."""
    texts = np.asarray(numbers).astype(np.str_)
    return np.strings.zfill(texts, width) if texts.size else texts


def replaced(texts: Any, old: str, new: Any) -> Texts:
    """Texts with `old` replaced by `new`; numpy refuses to do that where there are none."""
    whole = np.asarray(texts)
    return np.strings.replace(whole, old, new) if whole.size else whole


def keys(prefix: str, serial: Ints, salt: int, width: int = 10) -> Texts:
    """Customer numbers of one system: a bijection of `serial`, so that no two systems' keys resemble each other."""
    scrambled = (serial * (387_420_489 + 2 * salt) + salt * 7_919_317) % KEY_MODULUS
    return glue(prefix, digits(scrambled, width))


def pick(
    rng: np.random.Generator, values: Sequence[str], size: int, weights: Sequence[float] | None = None
) -> Texts:
    """Draw texts with the given relative weights."""
    return np.asarray(values)[draw(rng, len(values), size, weights)]


def draw(rng: np.random.Generator, n: int, size: int, weights: Sequence[float] | None = None) -> Ints:
    """Draw positions 0 … n-1 with the given relative weights."""
    if weights is None:
        return rng.integers(0, n, size)
    cumulated = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(cumulated / cumulated[-1], rng.random(size), side="right").clip(0, n - 1)


def ranks(group: Ints) -> Ints:
    """For sorted `group` numbers: the position of each row within its group, from 0."""
    if len(group) == 0:
        return group
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))
