"""Goods as two shops describe them, for bench/strangers.py: one line of free text, or a title with maker, description and price."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage
from bench.labelled import Labelled

KINDS: Final = {
    "lcd hdtv": ("46 inch", "52 inch", "1080p", "bravia", "flat panel"), "digital camera": ("8 megapixel", "12 megapixel", "3x zoom", "kit"),
    "headphones": ("noise cancelling", "in-ear", "stereo", "wireless"), "microwave oven": ("1100 watts", "countertop", "over the range"),
    "cordless phone": ("dect 6.0", "5.8 ghz", "answering system"), "car speaker": ("6x9", "3-way", "50 watts", "coaxial"),
    "laser printer": ("monochrome", "duplex", "20 ppm", "network"), "refrigerator": ("25 cu ft", "side by side", "energy star"),
    "hard drive": ("500 gb", "1 tb", "usb 2.0", "7200 rpm"), "gps navigator": ("4.3 inch", "bluetooth", "text to speech"),
}  # fmt: skip
COLOURS: Final = {"black": "b", "silver": "s", "white": "w", "red": "r", "stainless steel": "ss"}
OTHERWISE: Final = {"digital camera": "camera", "lcd hdtv": "lcd tv", "headphones": "headset", "inch": "in", "microwave oven": "microwave",
                    "hard drive": "external hdd", "refrigerator": "fridge", "gps navigator": "gps receiver", "stainless steel": "stainless"}  # fmt: skip
EXTRAS: Final = ("new in box", "with warranty", "refurbished", "free shipping", "retail")
EDITIONS: Final = ("", " upgrade", " academic", " small box", " 3 user", " mac", " win")
SHELF: Final = ("studio", "office", "paint", "security", "tax", "encyclopedia", "typing", "music maker", "photo album", "accounting",
                "video editor", "web designer", "language tutor", "family tree")  # fmt: skip


def one_text(data: Path) -> Labelled:
    """One column alone: brand, model, kind, particulars, in the shops' own order; models of a family differ by a letter or digit."""
    rng = np.random.default_rng(31)
    one = _goods(data, 1_700, rng)
    side = rng.integers(0, 4, len(one))
    left, right = one[side < 3].assign(shop="a"), one[side > 0].assign(shop="b")
    left["name"] = (
        left["brand"]
        + " "
        + left["kind"]
        + " - "
        + left["model"]
        + " / "
        + left["colour"]
        + " "
        + left["details"]
    )
    right["model"] = [m[:3] + "-" + m[3:] if rng.random() < 0.5 else m for m in right["model"]]
    right = damage.cells(right, ["model"], 0.12, lambda text, r: "" if r.random() < 0.5 else text + "us", rng)
    right["name"] = (
        right["brand"]
        + " "
        + right["model"]
        + " "
        + right["details"].str.split(" ").str[:2].str.join(" ")
        + " "
        + right["kind"]
    )
    right = damage.cells(right, ["name"], 0.5, damage.by(OTHERWISE), rng)
    right = damage.cells(right, ["name"], 0.4, lambda text, r: f"{text} {r.choice(EXTRAS)}", rng)
    rows = (
        pd.concat([left, right])[["truth", "shop", "name"]]
        .sample(frac=1, random_state=31)
        .reset_index(drop=True)
    )
    return damage.cells(rows, ["name"], 0.08, damage.misspelt, rng), {
        "truth": "truth",
        "shop": "source",
        "name": "text",
    }


def software(data: Path) -> Labelled:
    """Titles of one line in which a version or an edition tells programmes apart; maker mostly lost, descriptions of one shop's own."""
    rng = np.random.default_rng(32)
    makers, vocabulary = words(data)[:90], words(data)
    family = np.sort(rng.integers(0, 700, 1_900))
    brand = rng.choice(makers, 700)[family]
    stem = (rng.choice(vocabulary, 700).astype(object) + " " + rng.choice(SHELF, 700).astype(object))[family]
    one = pd.DataFrame(
        {
            "brand": brand,
            "title": stem
            + " "
            + rng.choice(["", "4", "5.0", "8", "2006", "2007", "xp"], 1_900).astype(object),
        }
    )
    one["title"] = one["title"] + rng.choice(
        EDITIONS, 1_900, p=[0.5, 0.1, 0.1, 0.08, 0.08, 0.07, 0.07]
    ).astype(object)
    one = (
        one[~one["title"].duplicated().to_numpy()]
        .reset_index(drop=True)
        .assign(truth=lambda t: t.index.astype(str))
    )
    one["price"] = np.round(np.exp(rng.normal(3.8, 0.9, len(one))), 2).astype(str)
    one["text"] = [" ".join(rng.choice(vocabulary[:400], 12)) for _ in range(len(one))]
    side = rng.integers(0, 3, len(one))
    left, right = one[side < 2].assign(shop="a"), one[side > 0].assign(shop="b")
    right["title"] = right["brand"] + " " + right["title"]
    right = damage.cells(
        right,
        ["text"],
        0.7,
        lambda text, r: " ".join(r.permutation([*text.split()[:4], *r.choice(vocabulary[:400], 6)])),
        rng,
    )
    right = damage.cells(
        right,
        ["title"],
        0.3,
        lambda text, r: f"{text} {r.choice(['cd-rom', 'software', 'for windows', '(pc)', 'retail'])}",
        rng,
    )
    right = damage.cells(right, ["price"], 0.7, lambda p, r: f"{float(p) * r.uniform(0.7, 1.2):.2f}", rng)
    right = damage.lost(right, {"brand": 0.9, "text": 0.3}, rng)
    rows = pd.concat([left, right]).sample(frac=1, random_state=32).reset_index(drop=True)
    rows = damage.cells(rows, ["title"], 0.1, damage.misspelt, rng)
    return rows, {
        "truth": "truth",
        "shop": "source",
        "title": "text",
        "text": "text",
        "brand": "organisation name",
        "price": "number",
    }


def words(data: Path) -> np.ndarray:
    """Words for titles."""
    clean = damage.clean(data)
    once = pd.Series(
        " ".join([*clean["suburb"], *clean["address_1"], *clean["surname"]]).split()
    ).drop_duplicates()
    return np.asarray(once[once.str.len() > 3].head(1_500).to_numpy(), object)


def _goods(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """truth, brand, kind, model, colour, details; a family has one stem of the model, its members other digits or colours."""
    family = np.sort(rng.integers(0, count // 2, count))
    size = count // 2
    letters = np.array(list("abcdehkmprstvx"), object)
    stem = [f"{''.join(rng.choice(letters, 3))}{rng.integers(10, 990)}" for _ in range(size)]
    kind, brand = rng.choice([*KINDS], size), rng.choice(words(data)[:40], size)
    one = pd.DataFrame({"brand": brand[family], "kind": kind[family], "stem": np.array(stem, object)[family]})
    one["colour"] = rng.choice([*COLOURS], count)
    one["details"] = [" ".join(rng.permutation(KINDS[k])[:3]) for k in one["kind"]]
    tail = np.where(
        rng.random(count) < 0.5, one["colour"].map(COLOURS), rng.integers(0, 10, count).astype(str)
    ).astype(object)
    one["model"] = one["stem"] + tail
    return (
        one[~one["model"].duplicated().to_numpy()]
        .reset_index(drop=True)
        .assign(truth=lambda t: t.index.astype(str))
    )
