"""Bibliographies of one field, for bench/strangers.py: two tidy ones, or a tidy one and what a search engine found of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage, wares
from bench.labelled import Labelled

VENUES: Final = {
    "international conference on management of data": "sigmod conference", "very large data bases": "vldb",
    "transactions on database systems": "acm trans database syst", "the vldb journal": "vldb j", "sigmod record": "sigmod rec",
    "international conference on data engineering": "icde",
}  # fmt: skip
GLUE: Final = ("for", "of", "in", "with", "and", "the", "using", "over")
COLUMNS: Final = (
    "editorial",
    "editor's notes",
    "guest editor's introduction",
    "book review column",
    "reminiscences on influential papers",
)


def libraries(data: Path) -> Labelled:
    """Two bibliographies of one field, each without repeats: full or short venues, columns of the same title every year."""
    rng = np.random.default_rng(22)
    one = _papers(data, 2_600, rng)
    side = rng.integers(0, 4, len(one))
    left, right = one[side < 3].assign(library="a"), one[side > 0].assign(library="b")
    left = damage.cells(left, ["venue"], 1.0, damage.by(VENUES), rng)
    right = damage.cells(right, ["authors"], 0.12, lambda text, _: ", ".join(reversed(text.split(", "))), rng)
    right = damage.cells(right, ["authors"], 0.15, _initials, rng)
    right = damage.cells(right, ["title"], 0.05, lambda text, _: text.split(" for ")[0], rng)
    rows = damage.cells(damage.mixed([left, right], 22), ["title", "authors"], 0.1, damage.misspelt, rng)
    return damage.lost(rows, {"authors": 0.02, "venue": 0.02}, rng), _of_papers("library")


def scholar(data: Path) -> Labelled:
    """A tidy bibliography and what a search engine found of it: many times the same, authors cut short, venue and year mostly lost."""
    rng = np.random.default_rng(23)
    one = _papers(data, 2_200, rng)
    left = one.head(1_300).assign(library="a")
    right = damage.repeated(one.tail(1_500), damage.sizes(rng, 1_500, 1.0, 12), rng).assign(library="b")
    left = damage.cells(left, ["venue"], 1.0, damage.by(VENUES), rng)
    right = damage.cells(right, ["authors"], 0.8, _initials, rng)
    right = damage.cells(right, ["authors"], 0.35, lambda text, _: ", ".join(text.split(", ")[:2]), rng)
    right = damage.cells(
        right, ["title"], 0.15, lambda text, r: " ".join(text.split()[: r.integers(4, 8)]), rng
    )
    right = damage.cells(right, ["title", "authors", "venue"], 0.2, damage.misspelt, rng)
    right = damage.cells(right, ["year"], 0.1, lambda text, r: str(int(text) + int(r.choice([-1, 1]))), rng)
    rows = damage.mixed([left, damage.lost(right, {"venue": 0.35, "year": 0.5, "authors": 0.05}, rng)], 23)
    return rows, _of_papers("library")


def _papers(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """Papers: truth, title, authors, venue, year. Words and authors as unequally common as they are; some titles again and again."""
    people = damage.families(data, 900, rng)
    names = (people["first_name"] + " " + people["last_name"]).to_numpy(object)
    words = wares.words(data)
    often = 1 / (np.arange(len(words)) + 8.0) ** 0.8
    writes = 1 / (np.arange(len(names)) + 20.0)
    title = [_title(rng.choice(words, rng.integers(3, 8), p=often / often.sum()), rng) for _ in range(count)]
    authors = [
        ", ".join(rng.choice(names, rng.integers(1, 5), replace=False, p=writes / writes.sum()))
        for _ in range(count)
    ]
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "title": title, "authors": authors})
    one["title"] = one["title"].where(
        rng.random(count) > 0.04, pd.Series(rng.choice(COLUMNS, count), dtype=object)
    )
    again = (rng.random(count) < 0.05) & (np.arange(count) > 0)
    one["title"] = one["title"].where(~again, one["title"].shift(1))
    one["authors"] = one["authors"].where(~again, one["authors"].shift(1))
    one["venue"], one["year"] = rng.choice([*VENUES], count), rng.integers(1994, 2004, count).astype(str)
    return one.sample(frac=1, random_state=3).reset_index(drop=True)


def _title(words: np.ndarray, rng: damage.Rng) -> str:
    glued = [
        f"{rng.choice(GLUE)} {word}" if i and rng.random() < 0.3 else word for i, word in enumerate(words)
    ]
    return " ".join(glued)


def _of_papers(source: str) -> dict[str, str]:
    return {
        "truth": "truth",
        source: "source",
        "title": "text",
        "authors": "text",
        "venue": "text",
        "year": "number",
    }


def _initials(text: str, _: damage.Rng) -> str:
    return ", ".join(f"{name[0]} {name.split()[-1]}" for name in text.split(", "))
