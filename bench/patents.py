"""Inventors as patents name them, for bench/outsiders.py: one record a patent, and namesakes by the dozen."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage
from bench.labelled import Labelled
from bench.newcomers import MEN, WOMEN, often

EASTERN: Final = (
    "li",
    "wang",
    "zhang",
    "chen",
    "liu",
    "kim",
    "lee",
    "park",
    "tanaka",
    "suzuki",
    "nguyen",
    "singh",
)
EASTERN_GIVEN: Final = (
    "wei",
    "jun",
    "min",
    "hui",
    "jing",
    "yong",
    "xin",
    "hiroshi",
    "kenji",
    "sung",
    "jae",
    "anh",
    "raj",
    "ling",
    "bo",
    "hao",
)
FORMS: Final = {" corporation": " corp.", " incorporated": ", inc.", " limited": " ltd", " gesellschaft": " ag", " company": " co.",
                "international": "int'l", "technologies": "tech", "laboratories": "labs", "industries": "ind"}  # fmt: skip
TRADES: Final = (
    "electronics",
    "laboratories",
    "industries",
    "technologies",
    "pharma",
    "instruments",
    "international",
    "motors",
    "chemical",
)


def inventors(data: Path) -> Labelled:
    """Inventors as patents name them: namesakes by the dozen, told apart by firm, place, field and whom they work with."""
    rng = np.random.default_rng(53)
    one = _inventor(data, 800, rng)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.8, 60, shape=1.3), rng)
    rows = damage.changed(rows, ["firm", "town", "state"], 0.2, rng)
    words, others = _vocabulary(data), dict(tuple(one.groupby("firm")["whole"]))
    rows["with"] = [
        _team(others[f], t, rng)
        for f, t in zip(
            one.set_index("truth").loc[rows["truth"], "firm"], rows["truth"].astype(int), strict=True
        )
    ]
    rows["title"] = [
        " ".join(rng.choice(words[f * 12 : f * 12 + 40], rng.integers(3, 8))) for f in rows["field"]
    ]
    other = rng.random(len(rows)) < 0.25
    rows["class"] = [
        f"{'ABCFGH'[f % 6]}{10 + (f + o * 7) % 60:02d}{'KLMN'[f % 4]}"
        for f, o in zip(rows["field"], other, strict=True)
    ]
    rows["filed"] = (rows["since"] + rng.integers(0, 12, len(rows))).astype(str)
    rows = damage.cells(rows, ["second"], 0.3, lambda text, _: text[0], rng)
    rows = damage.cells(rows, ["first"], 0.08, damage.called, rng)
    rows = damage.cells(rows, ["firm"], 0.4, damage.by(FORMS), rng)
    rows = damage.cells(rows, ["first", "last", "firm", "town"], 0.04, damage.misspelt, rng)
    gaps = {"second": 0.3, "firm": 0.15, "town": 0.05, "with": 0.02, "state": 0.1}
    columns = ["truth", "first", "second", "last", "firm", "town", "state", "with", "title", "class", "filed"]
    return damage.lost(rows[columns], gaps, rng), {
        "truth": "truth", "first": "given name", "second": "middle name", "last": "family name", "firm": "employer", "town": "town",
        "state": "region", "with": "text", "title": "text", "class": "category", "filed": "number",
    }  # fmt: skip


def _inventor(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    clean, eastern = damage.clean(data), rng.random(count) < 0.35
    given = np.where(eastern, often(rng, EASTERN_GIVEN, count, 0.5), often(rng, (*MEN, *WOMEN[:10]), count))
    last = np.where(
        eastern, often(rng, EASTERN, count, 0.5), often(rng, clean["surname"].unique()[:250], count)
    )
    second = pd.Series(often(rng, MEN, count, 0.3)).where(~eastern & (rng.random(count) < 0.6), None)
    firm, names = rng.integers(0, 90, count), clean["surname"].unique()[300:390].astype(object)
    names = names + " " + rng.choice(TRADES, 90).astype(object) + rng.choice([*FORMS][:5], 90).astype(object)
    seat, towns = rng.integers(0, 60, 90), clean["suburb"].unique()
    near = seat[firm] * 4 + rng.integers(0, 4, count)  # a suburb near the firm's seat
    one = pd.DataFrame(
        {
            "truth": np.arange(count).astype(str),
            "first": given,
            "second": second,
            "last": last,
            "firm": names[firm],
        }
    )
    one["whole"] = one["first"].astype(object) + " " + one["last"]
    one["town"], one["state"] = towns[near], clean["state"].unique()[seat[firm] % 8]
    return one.assign(
        field=(firm * 3 + rng.integers(0, 3, count)) % 100, since=rng.integers(1_985, 2_010, count)
    )


def _team(firm: pd.Series, own: int, rng: damage.Rng) -> str | None:
    """Up to four of the colleagues that an inventor mostly works with, in any order."""
    near = [name for at, name in firm.items() if at != own][own % 3 :: 2][:5] or list(firm)[:1]
    some = rng.permutation(near)[: int(rng.integers(0, 5))]
    return "; ".join(some) or None


def _vocabulary(data: Path) -> np.ndarray:
    words = pd.Series(" ".join(damage.clean(data)["address_1"]).split()).drop_duplicates()
    return np.asarray(words[words.str.len() > 3].to_numpy(object))
