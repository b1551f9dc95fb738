"""Films as two catalogues name them, for bench/outsiders.py: columns of other names and formats, remakes, sequels."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage, wares
from bench.labelled import Labelled

GENRES: Final = (
    "drama",
    "comedy",
    "thriller",
    "horror",
    "action",
    "romance",
    "crime",
    "documentary",
    "adventure",
    "family",
)
OTHER_GENRE: Final = {"thriller": "mystery & suspense", "action": "action & adventure", "family": "kids & family", "crime": "drama",
                      "romance": "comedy", "horror": "mystery & suspense"}  # fmt: skip
NUMERALS: Final = {"ii": "2", "iii": "3", "iv": "4"}
PATTERNS: Final = (
    "the {0}",
    "{0}",
    "{0} {1}",
    "the {0} of {1}",
    "a {0} {1}",
    "{0} and {1}",
    "the {0} {1}",
    "return to {0}",
    "{0} nights",
    "my {0}",
)


def films(data: Path) -> Labelled:
    """A catalogue with year, minutes, director and stars beside one with release date, hours, directors and a cast of another order."""
    rng = np.random.default_rng(54)
    one = _films(data, 2_000, rng)
    side = rng.integers(0, 4, len(one))
    rows = damage.mixed([_first(one[side < 3], rng), _second(one[side > 0], rng)], 54)
    rows = damage.cells(rows, ["title", "director", "directors", "stars", "cast"], 0.05, damage.misspelt, rng)
    gaps = {
        "director": 0.05,
        "stars": 0.08,
        "minutes": 0.1,
        "genre": 0.1,
        "directors": 0.1,
        "cast": 0.15,
        "duration": 0.25,
        "genres": 0.1,
        "released": 0.15,
    }
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "catalogue": "source", "title": "text", "year": "number", "director": "text", "stars": "text",
        "minutes": "number", "genre": "category", "released": "number", "directors": "text", "cast": "text", "duration": "number",
        "genres": "category",
    }  # fmt: skip


def _films(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """Of every eighth there is a remake, of others a sequel with the director and some of the stars."""
    words, people = wares.words(data), damage.families(data, 900, rng)
    names = (people["first_name"] + " " + people["last_name"]).unique().astype(object)
    often = 1 / (np.arange(len(words)) + 20.0) ** 0.6
    drawn = rng.choice(words, (count, 2), p=often / often.sum())
    pattern = rng.integers(0, len(PATTERNS), count)
    title = np.array([PATTERNS[p].format(a, b) for p, (a, b) in zip(pattern, drawn, strict=True)], object)
    one = pd.DataFrame(
        {"truth": np.arange(count).astype(str), "title": title, "director": rng.choice(names[:350], count)}
    )
    one["stars"] = ["; ".join(rng.choice(names[200:], 5, replace=False)) for _ in range(count)]
    one["year"], one["minutes"] = (
        rng.integers(1_940, 2_016, count),
        rng.normal(105, 18, count).clip(62, 220).astype(int),
    )
    one["genre"] = rng.choice(GENRES, count).astype(object)
    later = np.flatnonzero(rng.random(count) < 0.14)[1:]
    later = later[np.diff(later, prepend=-2) > 1]
    again = rng.random(len(later)) < 0.4
    remade, sequel = later[again], later[~again]
    one.loc[remade, ["title", "genre"]] = one.loc[remade - 1, ["title", "genre"]].to_numpy()
    nth = rng.choice([*NUMERALS], len(sequel)).astype(object)
    one.loc[sequel, "title"] = one["title"].to_numpy()[sequel - 1] + " " + nth
    one.loc[sequel, ["director", "stars", "genre"]] = one.loc[
        sequel - 1, ["director", "stars", "genre"]
    ].to_numpy()
    one.loc[sequel, "year"] = (one["year"].to_numpy()[sequel - 1] + rng.integers(1, 5, len(sequel))).clip(
        max=2_016
    )
    return one


def _first(one: pd.DataFrame, rng: damage.Rng) -> pd.DataFrame:
    shown = one.assign(
        catalogue="a", year=one["year"].astype(str), minutes=one["minutes"].astype(str) + " min"
    )
    shown["stars"] = shown["stars"].str.split("; ").str[:3].str.join(", ")
    return damage.cells(
        shown, ["title"], 0.4, lambda t, _: f"{t[4:]}, the" if t.startswith("the ") else t, rng
    )


def _second(one: pd.DataFrame, rng: damage.Rng) -> pd.DataFrame:
    shown = one.rename(
        columns={
            "director": "directors",
            "stars": "cast",
            "genre": "genres",
            "year": "released",
            "minutes": "duration",
        }
    )
    shown["duration"] = (shown["duration"] + rng.choice([-3, -1, 0, 0, 0, 0, 1, 2], len(shown))).map(
        lambda m: f"{m // 60} hr. {m % 60} min."
    )
    shown["released"] = (shown["released"] + rng.choice([0, 0, 0, 0, 1, -1], len(shown))).astype(str)
    shown = damage.cells(shown.assign(catalogue="b"), ["title"], 0.5, _digits, rng)
    shown = damage.cells(
        shown,
        ["title"],
        0.12,
        lambda t, r: f"{t} ({r.choice(['director cut', 'original title', '3d', 'uncut'])})",
        rng,
    )
    shown = damage.cells(shown, ["cast"], 1.0, _billed, rng)
    shown = damage.cells(shown, ["genres"], 0.5, damage.by(OTHER_GENRE), rng)
    return damage.cells(shown, ["directors"], 0.15, lambda t, _: f"{t[0]}. {t.split()[-1]}", rng)


def _digits(title: str, _: damage.Rng) -> str:
    """A sequel's number as a digit."""
    return " ".join(NUMERALS.get(word, word) for word in title.split())


def _billed(cast: str, rng: damage.Rng) -> str:
    """Four of the cast in another order."""
    return ", ".join(rng.permutation(cast.split("; "))[:4])
