"""Four more labelled sets of shapes that neither the shared nor the harder ones have (bench/damage.py's kinds of damage).

`songs` and `products` may be looked at while the method is worked on. `voters` and `papers` are held out: they were
written before they were first run, and are measured once, after the method is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage
from bench.labelled import Labelled

KINDS: Final = {"cable": "lead", "headphones": "headset", "notebook": "laptop", "television": "tv", "speaker": "loudspeaker",
                "printer": "laser printer", "camera": "digital camera", "kettle": "jug", "router": "wifi router"}  # fmt: skip
COLOURS: Final = ("black", "white", "silver", "red", "blue", "")
VENUES: Final = {
    "proceedings of the international conference on ": "proc intl conf ", "journal of ": "j ", "transactions on ": "trans ",
    "symposium on ": "symp ", "workshop on ": "wkshp ",
}  # fmt: skip
LANGUAGES: Final = ("english", "english", "english", "german", "french", "spanish")


def voters(data: Path) -> Labelled:
    """Five years' registers, each without repeats: women marry, people move, birth dates are mostly lost and ages off by one."""
    rng = np.random.default_rng(11)
    one = damage.families(data, 2_600, rng)
    one["age"] = 2020 - one["date_of_birth"].str[:4].astype(int)
    parts = [one[rng.random(len(one)) < 0.45].assign(year=str(year)) for year in range(5)]
    rows = pd.concat(parts).sample(frac=1, random_state=11).reset_index(drop=True)
    rows["age"] = (rows["age"] + rows["year"].astype(int) + rng.integers(-1, 2, len(rows))).astype(str)
    rows = damage.changed(rows, ["last_name"], 0.12, rng)
    rows = damage.changed(rows, ["street_number", "street_name", "town", "postcode"], 0.3, rng)
    rows = damage.changed(rows, ["phone"], 0.2, rng)
    rows = damage.cells(rows, ["first_name"], 0.12, damage.called, rng)
    rows = damage.cells(rows, ["first_name", "last_name", "street_name", "town"], 0.08, damage.misspelt, rng)
    rows = damage.lost(
        rows, {"date_of_birth": 0.6, "middle_initial": 0.4, "phone": 0.5, "sex": 0.1, "age": 0.1}, rng
    )
    return rows, {
        "truth": "truth", "year": "source", "first_name": "given name", "middle_initial": "middle name", "last_name": "family name",
        "date_of_birth": "date of birth", "age": "number", "sex": "sex", "street_number": "house number", "street_name": "street",
        "town": "town", "postcode": "postcode", "phone": "phone",
    }  # fmt: skip


def papers(data: Path) -> Labelled:
    """Citations as people type them: one to twenty a paper, authors by initials or cut short, venues abbreviated or absent."""
    rng = np.random.default_rng(12)
    people, words = damage.families(data, 700, rng), _words(data)
    count = 1_300
    one = pd.DataFrame({"truth": np.arange(count).astype(str)})
    one["title"] = [" ".join(rng.choice(words, rng.integers(4, 9))) for _ in range(count)]
    later = rng.random(count) < 0.1
    one["title"] = one["title"].where(~later, one["title"].shift(1).fillna("notes") + " part ii")
    names = _names(people)
    one["authors"] = [", ".join(rng.choice(names, rng.integers(1, 5))) for _ in range(count)]
    one["authors"] = one["authors"].where(~later, one["authors"].shift(1).fillna(names[0]))
    topic = rng.choice(words, count).astype(object) + " " + rng.choice(words[:50], count).astype(object)
    one["venue"] = rng.choice([*VENUES], count).astype(object) + topic
    one["year"] = rng.integers(1985, 2005, count).astype(str)
    rows = damage.repeated(one, damage.sizes(rng, count, 1.5, 20), rng)
    rows = damage.cells(rows, ["authors"], 0.5, _initials, rng)
    rows = damage.cells(rows, ["authors"], 0.15, lambda text, _: text.split(",")[0] + " et al", rng)
    rows = damage.cells(rows, ["venue"], 0.5, damage.by(VENUES), rng)
    rows = damage.cells(rows, ["title", "authors", "venue"], 0.25, damage.misspelt, rng)
    rows = damage.cells(rows, ["title"], 0.1, lambda text, _: " ".join(text.split()[:-1]) or text, rng)
    rows = damage.cells(rows, ["year"], 0.08, lambda text, r: str(int(text) + int(r.choice([-1, 1]))), rng)
    return damage.lost(rows, {"venue": 0.3, "year": 0.3, "authors": 0.05}, rng), {
        "truth": "truth", "title": "text", "authors": "text", "venue": "text", "year": "number",
    }  # fmt: skip


def songs(data: Path) -> Labelled:
    """Five catalogues of songs: the artist in the title or left out, lengths as 3:45 or 225, versions, other languages."""
    rng = np.random.default_rng(13)
    words, names = _words(data), _names(damage.families(data, 400, rng))
    count = 2_200
    album = np.sort(rng.integers(0, 500, count))
    one = pd.DataFrame({"truth": np.arange(count).astype(str)})
    one["title"] = [" ".join(rng.choice(words, rng.integers(1, 5))) for _ in range(count)]
    one["artist"] = rng.choice(names, 500)[album]
    one["album"] = np.array([" ".join(rng.choice(words, rng.integers(1, 4))) for _ in range(500)])[album]
    one["track"] = (one.groupby("album").cumcount() + 1).astype(str)
    one["length"] = rng.integers(120, 400, count).astype(str)
    one["year"] = rng.integers(1970, 2015, 500).astype(str)[album]
    one["language"] = rng.choice(LANGUAGES, 500)[album]
    rows = damage.repeated(one, rng.choice([1, 2, 3, 4, 5], count, p=[0.4, 0.2, 0.15, 0.15, 0.1]), rng)
    rows["list"] = rng.integers(0, 5, len(rows)).astype(str)
    rows = damage.cells(rows, ["title", "artist", "album"], 0.2, damage.misspelt, rng)
    rows = damage.cells(rows, ["title"], 0.15, lambda text, _: text + " (live)", rng)
    rows = damage.cells(rows, ["length"], 0.4, lambda text, _: f"{int(text) // 60}:{int(text) % 60:02d}", rng)
    first = (rows["list"] == "0").to_numpy()
    rows["title"] = rows["title"].mask(first, rows["artist"] + " - " + rows["title"])
    rows["artist"] = rows["artist"].mask(first, None)
    rows["year"] = rows["year"].mask(rows["list"] == "1", rows["year"].str[2:])
    gaps = {"artist": 0.15, "album": 0.25, "track": 0.2, "length": 0.25, "year": 0.35, "language": 0.3}
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "list": "source", "title": "text", "artist": "full name", "album": "text", "track": "number",
        "length": "number", "year": "number", "language": "category",
    }  # fmt: skip


def products(data: Path) -> Labelled:
    """Two shops that sell the same goods: one long title of brand, kind, model and words of their own, and a price."""
    rng = np.random.default_rng(14)
    words, brands = _words(data), damage.clean(data)["surname"].unique()[:60]
    count = 1_800
    kind = rng.choice([*KINDS], count).astype(object)
    brand = rng.choice(brands, count).astype(object)
    model = rng.choice(list("abcdxz"), count).astype(object) + rng.integers(10, 9_999, count).astype(str)
    size = rng.choice(["10", "15", "32", "64", "128"], count).astype(object)
    colour = rng.choice(COLOURS, count).astype(object)
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "brand": brand})
    one["price"] = np.round(np.exp(rng.normal(4, 1, count)), 2).astype(str)
    one["title"] = brand + " " + kind + " " + model + " " + size + " " + colour
    one["other"] = brand + " " + model + " " + colour + " " + kind
    one["extra"] = [" ".join(rng.choice(words[:80], 3)) for _ in range(count)]
    side = rng.integers(0, 3, count)
    left = one[side < 2].assign(shop="a")
    right = one[side > 0].assign(shop="b")
    right["title"] = right["other"] + " " + right["extra"]
    rows = pd.concat([left, right]).sample(frac=1, random_state=14).reset_index(drop=True)
    rows = damage.cells(rows, ["title"], 0.4, damage.by(KINDS), rng)
    rows = damage.cells(rows, ["title"], 0.15, damage.misspelt, rng)
    rows = damage.cells(rows, ["price"], 0.6, lambda p, r: f"{float(p) * r.uniform(0.85, 1.15):.2f}", rng)
    return damage.lost(rows, {"brand": 0.4, "price": 0.2}, rng), {
        "truth": "truth", "shop": "source", "title": "text", "brand": "category", "price": "number",
    }  # fmt: skip


def _words(data: Path) -> np.ndarray:
    """Words for titles, the first ones no more frequent than the last."""
    clean = damage.clean(data)
    told = " ".join([*clean["suburb"], *clean["address_1"], *clean["surname"]]).split()
    once = pd.Series(told).drop_duplicates()
    return np.asarray(once[once.str.len() > 3].head(1_500).to_numpy(), object)


def _names(people: pd.DataFrame) -> np.ndarray:
    return np.asarray((people["first_name"] + " " + people["last_name"]).to_numpy(), object)


def _initials(text: str, _: damage.Rng) -> str:
    """`Jane Ann Doe, Bo Li` as `J Doe, B Li`."""
    people = [name.split() for name in text.split(", ")]
    return ", ".join(f"{words[0][0]} {words[-1]}" if len(words) > 1 else " ".join(words) for words in people)


SETS: Final[dict[str, Callable[[Path], Labelled]]] = {
    "songs": songs, "products": products, "voters": voters, "papers": papers,
}  # fmt: skip
HELD_OUT: Final = ("voters", "papers")
