"""Books in editions, and places on a map, for bench/newcomers.py: much that is alike and isn't one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage, wares
from bench.labelled import Labelled

PUBLISHERS: Final = {"penguin books": "penguin", "oxford university press": "oup", "john wiley and sons": "wiley", "mcgraw-hill": "mcgraw hill",
                     "cambridge university press": "cup", "random house": "random", "springer-verlag": "springer", "o'reilly media": "oreilly",
                     "prentice hall": "pearson prentice hall", "harper collins": "harpercollins", "self published": "lulu.com"}  # fmt: skip
FORMATS: Final = {"paperback": "pbk.", "hardcover": "hbk.", "e-book": "kindle"}
GLUE: Final = ("the", "of the", "a history of", "and the", "in the")
CENTRES: Final = (
    (48.14, 11.58, "de"),
    (48.78, 9.18, "de"),
    (47.81, 13.04, "at"),
    (48.21, 16.37, "at"),
    (47.37, 8.54, "ch"),
)
CODES: Final = {"de": "49", "at": "43", "ch": "41"}
KINDS: Final = {"bakery": "cafe", "restaurant": "bistro", "pharmacy": "drugstore", "hotel": "guest house", "hairdresser": "beauty", "bank": "atm",
                "supermarket": "grocery", "filling station": "car wash", "florist": "gift shop", "dentist": "doctor"}  # fmt: skip


def books(data: Path) -> Labelled:
    """Three shops' books: an edition, not a work, is one; authors in any order and form, numbers of ten or thirteen digits, mostly lost."""
    rng = np.random.default_rng(44)
    one = _editions(data, 2_300, rng)
    parts = _held_by("shop", {"a": 0.7, "b": 0.6, "c": 0.5}, one, rng)
    again = one.sample(250, random_state=44).assign(shop="c")
    rows = damage.mixed([*parts, again], 44)
    rows["authors"] = np.where(rows["shop"] == "b", rows["authors"].map(_last_first), rows["authors"])
    rows = damage.cells(
        rows, ["authors"], 0.2, lambda text, r: "; ".join(r.permutation(text.split("; "))), rng
    )
    rows = damage.cells(rows, ["authors"], 0.15, lambda text, _: text.split("; ")[0], rng)
    rows = damage.cells(
        rows,
        ["authors"],
        0.12,
        lambda text, _: "; ".join(f"{n[0]}. {n.split()[-1]}" for n in text.split("; ")),
        rng,
    )
    rows = damage.cells(rows, ["title"], 0.25, lambda text, _: text.split(": ")[0], rng)
    rows = damage.cells(rows, ["publisher"], 0.3, damage.by(PUBLISHERS), rng)
    rows = damage.cells(rows, ["isbn"], 0.35, lambda text, _: text[3:], rng)
    rows = damage.cells(
        rows,
        ["isbn"],
        0.3,
        lambda text, _: f"{text[:-10]}-{text[-10:-9]}-{text[-9:-4]}-{text[-4:]}".strip("-"),
        rng,
    )
    rows = damage.cells(
        rows, ["pages"], 0.3, lambda text, r: str(int(text) + int(r.choice([-4, -2, 2, 4, 6, 8]))), rng
    )
    rows = damage.cells(rows, ["year"], 0.08, lambda text, r: str(int(text) + int(r.choice([-1, 1]))), rng)
    rows = damage.cells(rows, ["binding"], 0.4, damage.by(FORMATS), rng)
    rows = damage.cells(
        rows,
        ["title"],
        0.2,
        lambda text, r: f"{text} {r.choice(['(paperback)', '[import]', 'by ' + text.split()[0]])}",
        rng,
    )
    rows = damage.cells(rows, ["title", "authors", "publisher"], 0.1, damage.misspelt, rng)
    gaps = {"isbn": 0.55, "publisher": 0.2, "year": 0.15, "pages": 0.25, "binding": 0.25, "authors": 0.05}
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "shop": "source", "title": "text", "authors": "text", "publisher": "organisation name", "year": "number",
        "pages": "number", "binding": "category", "isbn": "registration id",
    }  # fmt: skip


def _editions(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """Editions: of a third of the works several, of other years, lengths, bindings, numbers, sometimes said in the title."""
    words, people = wares.words(data), damage.families(data, 600, rng)
    names = (people["first_name"] + " " + people["last_name"]).to_numpy(object)
    often = 1 / (np.arange(len(words)) + 8.0) ** 0.7
    works = int(count * 0.7)
    work = np.sort(np.concatenate([np.arange(works), rng.integers(0, works // 3, count - works)]))
    nth = pd.Series(work).groupby(work).cumcount().to_numpy()
    title = [" ".join(rng.choice(words, rng.integers(1, 4), p=often / often.sum())) for _ in range(works)]
    tail = [
        f": {rng.choice(GLUE)} " + " ".join(rng.choice(words, 3)) if rng.random() < 0.5 else ""
        for _ in range(works)
    ]
    one = pd.DataFrame(
        {
            "truth": np.arange(count).astype(str),
            "title": np.array(title, object)[work] + np.array(tail, object)[work],
        }
    )
    said = np.array(
        [
            f" {n + 1}{('st', 'nd', 'rd', 'th', 'th', 'th', 'th', 'th', 'th', 'th')[min(n, 9)]} edition"
            for n in nth
        ],
        object,
    )
    one["title"] = one["title"].where((nth == 0) | (rng.random(count) < 0.4), one["title"] + said)
    one["authors"] = np.array(
        ["; ".join(rng.choice(names, rng.integers(1, 4), replace=False)) for _ in range(works)], object
    )[work]
    one["publisher"] = rng.choice([*PUBLISHERS], works)[work]
    one["year"] = (rng.integers(1975, 2008, works)[work] + nth * rng.integers(1, 6, count)).astype(str)
    one["pages"] = (rng.integers(90, 700, works)[work] + nth * rng.integers(8, 60, count)).astype(str)
    one["binding"] = rng.choice([*FORMATS], count, p=[0.6, 0.3, 0.1])
    return one.assign(isbn=[f"978{n}" for n in rng.integers(10**9, 10**10, count)])


def _held_by(column: str, shares: dict[str, float], one: pd.DataFrame, rng: damage.Rng) -> list[pd.DataFrame]:
    """What each source holds, a share of all drawn for each."""
    return [one[rng.random(len(one)) < share].assign(**{column: name}) for name, share in shares.items()]


def _last_first(text: str) -> str:
    return "; ".join(f"{name.split()[-1]}, {' '.join(name.split()[:-1])}" for name in text.split("; "))


def places(data: Path) -> Labelled:
    """Three maps of shops in five towns: coordinates a street off, branches of chains, several in one building, phones in any form."""
    rng = np.random.default_rng(45)
    one = _shops(data, 2_700, rng)
    parts = _held_by("map", {"survey": 0.65, "guide": 0.6, "register": 0.5}, one, rng)
    again = one.sample(180, random_state=45).assign(map="guide")
    rows = damage.mixed([*parts, again], 45)
    for axis, size in (("lat", 0.0006), ("lon", 0.0009)):
        rows[axis] = rows[axis] + rng.normal(0, size, len(rows)) * np.where(
            rng.random(len(rows)) < 0.08, 20, 1
        )
        rows[axis] = (
            rows[axis].map("{:.6f}".format).where(rows["map"] == "survey", rows[axis].map("{:.4f}".format))
        )
    rows["name"] = np.where(rng.random(len(rows)) < 0.15, rows["kind"] + " " + rows["name"], rows["name"])
    rows["name"] = np.where(rng.random(len(rows)) < 0.12, rows["name"] + " " + rows["town"], rows["name"])
    rows["name"] = np.where(
        (rows["map"] == "register") & (rng.random(len(rows)) < 0.7), rows["name"] + " gmbh", rows["name"]
    )
    rows = damage.cells(
        rows,
        ["street"],
        0.5,
        damage.by({"straße": "str.", "strasse": "str", "platz": "pl.", "gasse": "g."}),
        rng,
    )
    rows = damage.cells(
        rows,
        ["house"],
        0.1,
        lambda text, r: f"{text}-{int(text) + 2}" if r.random() < 0.5 else f"{text}a",
        rng,
    )
    rows = damage.cells(rows, ["kind"], 0.35, damage.by(KINDS), rng)
    rows["phone"] = [_dialled(p, c, rng) for p, c in zip(rows["phone"], rows["country"], strict=True)]
    rows = damage.changed(rows, ["phone"], 0.1, rng)
    rows = damage.cells(rows, ["name", "street"], 0.1, damage.misspelt, rng)
    site = (rows["map"] == "guide").to_numpy() & (rng.random(len(rows)) < 0.5)
    rows["site"] = rows["site"].where(~site, "https://www." + rows["site"] + "/" + rows["town"])
    rows.loc[(rows["map"] == "register"), ["lat", "lon", "site"]] = None
    gaps = {
        "phone": 0.4,
        "street": 0.15,
        "house": 0.25,
        "postcode": 0.25,
        "site": 0.5,
        "kind": 0.2,
        "town": 0.1,
    }
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "map": "source", "name": "organisation name", "street": "street", "house": "house number", "postcode": "postcode",
        "town": "town", "country": "country", "lat": "number", "lon": "number", "phone": "phone", "site": "text", "kind": "category",
    }  # fmt: skip


def _shops(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    clean = damage.clean(data)
    own, roads = clean["surname"].unique(), clean["address_1"].str.split().str[0].unique()[:160]
    kind = rng.choice([*KINDS], count)
    stem = rng.choice(own[:700], count).astype(object)
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "kind": kind})
    one["name"] = stem + np.where(rng.random(count) < 0.5, " " + kind.astype(object), "")
    centre = rng.integers(0, len(CENTRES), count)
    one["town"], one["country"] = (
        clean["suburb"].unique()[:5][centre],
        np.array([c for *_, c in CENTRES], object)[centre],
    )
    for axis, of in (("lat", 0), ("lon", 1)):
        one[axis] = np.array([c[of] for c in CENTRES])[centre] + rng.normal(0, 0.03, count)
    one["street"] = rng.choice(roads, count).astype(object) + rng.choice(
        ["straße", "strasse", "platz", "gasse", " allee"], count
    ).astype(object)
    one["house"], one["postcode"] = (
        rng.integers(1, 120, count).astype(str),
        (10_000 + centre * 900 + rng.integers(0, 25, count)).astype(str),
    )
    same = np.flatnonzero(rng.random(count) < 0.15)[1:]  # in the building of the one before
    where = ["town", "country", "lat", "lon", "street", "house", "postcode"]
    one.loc[same, where] = one.loc[same - 1, where].to_numpy()
    one["phone"] = rng.integers(10**8, 10**9, count).astype(str)
    chain = rng.random(count) < 0.2
    chained = rng.integers(0, 30, count)
    one["name"] = one["name"].where(~chain, one["name"].head(30).to_numpy()[chained])
    one["kind"] = one["kind"].where(~chain, one["kind"].head(30).to_numpy()[chained])
    one["phone"] = one["phone"].where(
        ~(chain & (rng.random(count) < 0.4)), one["phone"].head(30).to_numpy()[chained]
    )
    return one.assign(site=one["name"].str.replace(" ", "-") + ".example")


def _dialled(number: str, country: str, rng: damage.Rng) -> str:
    """A phone number as one of four would write it."""
    area, rest, code = number[:3], number[3:], CODES[country]
    forms = (
        f"+{code} {area} {rest}",
        f"00{code}{number}",
        f"0{area}/{rest}",
        f"+{code} (0){area}-{rest[:3]} {rest[3:]}",
    )
    return forms[rng.integers(0, 4)]
