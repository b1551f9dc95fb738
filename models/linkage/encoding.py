"""Encoded records: Bloom filters and keyed hashes in place of values, so that lists are matched without sharing names.

A value is cut into pieces (pairs of letters, parts of a date); each distinct piece is hashed once by HMAC-SHA256 under a
key that only the parties know, and the digest names the bits it sets (Schnell, Bachteler and Reiher 2009, with
independent hashes in place of double hashing, Schnell and Borgs 2016). Alike values then have alike bits. Numbers and
addresses that are shared whole or not at all become the HMAC itself. docs/encoding.md tells what this doesn't protect.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from conf.encoding import BITS, CODES, EncodingConf, Mark
from conf.linkage import ColumnConf, LinkageConf
from models.linkage.normalising import CJK, as_text, normalised, pinyin

Bits = npt.NDArray[np.uint8]
LEAST_KEY: Final = 16
CODE_BYTES: Final = 16
CHECK_BYTES: Final = 8
NEAR_DAYS: Final = 2
CHUNK: Final = 20_000
LABEL: Final = b"onebook linkage 1|"


class KeyRefusedError(ValueError):
    """A key that can't be used, with the remedy. Never quotes the key."""


def read_key(file: Path) -> bytes:
    """The secret in `file`, without blanks around it. Raises KeyRefusedError where there is none or it is short."""
    if not file.is_file():
        raise KeyRefusedError(f"there is no key file {file}; make one with `openssl rand -hex 32 > {file}`")
    key = file.read_bytes().strip()
    if len(key) < LEAST_KEY:
        raise KeyRefusedError(
            f"the key in {file} has fewer than {LEAST_KEY} bytes; make one with `openssl rand -hex 32 > {file}`"
        )
    return key


def check_value(key: bytes) -> str:
    """What tells whether two parties hold one key."""
    return hmac.digest(key, LABEL + b"check", hashlib.sha256)[:CHECK_BYTES].hex()


def encoded(
    table: pd.DataFrame, conf: LinkageConf, scheme: EncodingConf, key: bytes
) -> tuple[pd.DataFrame, Mark]:
    """Every compared column of `table` encoded as hexadecimal text (missing values stay so), the key and source columns
    as they are, all else left out; and what the file is to say of itself.
    """
    values = normalised(table, conf.compared)
    salt = None if scheme.salt is None else as_text(table[scheme.salt]).fillna("")
    made = {n: _column(values[n], column, scheme, key, salt) for n, column in conf.compared.items()}
    kept = [c for c in (conf.key_column, conf.source_column) if c]
    meanings = {name: _meaning(column) for name, column in conf.compared.items()}
    mark = Mark(
        check=check_value(key),
        scheme=scheme,
        columns=meanings,
        key=conf.key_column,
        source=conf.source_column,
    )
    return pd.DataFrame({**{c: table[c] for c in kept}, **made}), mark


def _meaning(column: ColumnConf) -> str:
    if column.encode == "code":
        return "encoded code"
    if column.encode == "bits":
        return BITS.get(column.meaning, "encoded text" if column.meaning == "e-mail" else "encoded number")
    return (BITS | CODES)[column.meaning]


def _column(
    values: pd.Series, column: ColumnConf, scheme: EncodingConf, key: bytes, salt: pd.Series | None
) -> pd.Series:
    meaning = _meaning(column)
    secret = hmac.digest(key, LABEL + _group(meaning, column).encode(), hashlib.sha256)
    if meaning in {"encoded code", "encoded category"}:
        known = {
            v: hmac.digest(secret, v.encode(), hashlib.sha256)[:CODE_BYTES].hex()
            for v in values.dropna().unique()
        }
        return values.map(known)
    whole = values if salt is None else (values + "\x1f" + salt).where(values.notna(), None)
    code, distinct = pd.factorize(whole.to_numpy(dtype=object))
    text = np.array([*_filters(list(distinct), PIECES[meaning], scheme, secret), None], dtype=object)
    return pd.Series(text[code], values.index, dtype=object)


def _group(meaning: str, column: ColumnConf) -> str:
    """Columns of one group can be compared with one another: names, which are swapped; else those of one meaning."""
    return meaning if meaning == "encoded name" else f"{meaning}|{column.meaning}"


def _filters(
    values: Sequence[str], pieces: Callable[[str], list[str]], scheme: EncodingConf, secret: bytes
) -> list[str]:
    """Each value's filter as hexadecimal text."""
    salted = [value.partition("\x1f") for value in values]
    cut = [[piece + mark + salt for piece in pieces(value)] for value, mark, salt in salted]
    places = _places(sorted({piece for each in cut for piece in each}), scheme, secret)
    texts: list[str] = []
    for start in range(0, len(cut), CHUNK):
        part = cut[start : start + CHUNK]
        row = np.repeat(np.arange(len(part)), [len(each) * scheme.hashes for each in part])
        bits = np.zeros((len(part), scheme.bits), np.uint8)
        bits[
            row, np.concatenate([places[piece] for each in part for piece in each] or [np.empty(0, np.int64)])
        ] = 1
        texts += [line.tobytes().hex() for line in np.packbits(hardened(bits, scheme, secret), axis=1)]
    return texts


def _places(pieces: Sequence[str], scheme: EncodingConf, secret: bytes) -> dict[str, npt.NDArray[np.int64]]:
    """The bits of each distinct piece: sixteen bits of its HMAC each, so independent of one another."""
    digests = b"".join(hmac.digest(secret, piece.encode(), hashlib.sha256) for piece in pieces)
    numbers = np.frombuffer(digests, ">u2").reshape(len(pieces), 16)[:, : scheme.hashes]
    return dict(zip(pieces, numbers.astype(np.int64) % scheme.bits, strict=True))


def hardened(bits: Bits, scheme: EncodingConf, secret: bytes) -> Bits:
    """Filters made harder to read: `folded` halves them by XOR (Schnell and Borgs 2016), so that a set bit no longer
    tells that a piece is there; `balanced` appends the complement and permutes, so that all weigh the same.
    """
    if scheme.hardening == "folded":
        half = bits.shape[1] // 2
        return bits[:, :half] ^ bits[:, half:]
    if scheme.hardening == "balanced":
        seed = int.from_bytes(hmac.digest(secret, b"permutation", hashlib.sha256)[:8])
        order = np.random.default_rng(seed).permutation(2 * bits.shape[1])
        return np.concatenate([bits, 1 - bits], axis=1)[:, order]
    return bits


def _bigrams(value: str) -> list[str]:
    """Pairs of letters of each word, ends marked; Chinese by its sound, and by the characters themselves."""
    characters = [f"zh{c}" for c in value] if CJK.search(value) else []
    words = [f"_{word}_" for word in pinyin(value).split()]
    return sorted({w[i : i + 2] for w in words for i in range(len(w) - 1)} | set(characters))


def _digits(value: str) -> list[str]:
    """Characters with their place, and pairs: a slipped digit leaves the others."""
    placed = [f"{i}:{c}" for i, c in enumerate(value)]
    return sorted({*placed, *(value[i : i + 2] for i in range(len(value) - 1))})


def _dates(value: str) -> list[str]:
    """Year, month and day, three pieces each; day and month in either order, two; and the days around, five (neighbouring
    values hashed together, after Vatsalan and Christen 2016). What is no date is digits.
    """
    if len(value) != 8 or not value.isdigit():
        return _digits(value)
    year, month, day = value[:4], value[4:6], value[6:]
    swapped = "md" + "".join(sorted((month, day)))
    weighed = [(f"y{year}", 3), (f"m{month}", 3), (f"d{day}", 3), (swapped, 2)]
    pieces = [f"{piece}#{copy}" for piece, copies in weighed for copy in range(copies)]
    try:
        at = date(int(year), int(month), int(day))
        return pieces + [f"n{at + timedelta(days)}" for days in range(-NEAR_DAYS, NEAR_DAYS + 1)]
    except (ValueError, OverflowError):
        return pieces


PIECES: Final[dict[str, Callable[[str], list[str]]]] = {
    "encoded name": _bigrams,
    "encoded text": _bigrams,
    "encoded number": _digits,
    "encoded date": _dates,
}
