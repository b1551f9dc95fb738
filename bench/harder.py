"""Labelled sets harder than the shared ones, made of them by the kinds of damage that the field knows (bench/damage.py).

Each is a function of the data's folder and gives a table and what its columns mean, as bench/labelled.py does. HALF were
looked at while the method was chosen; the threshold was at three of the others too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage
from bench.labelled import FEBRL, Labelled
from jobs.demo.arrays import Streams
from jobs.demo.dirt import write_down
from jobs.demo.people import make_people
from jobs.demo.places import CITY
from jobs.demo.span import Span

TRADES: Final = (
    "plumbing", "motors", "dental care", "bakery", "consulting", "engineering", "logistics", "pharmacy", "textiles", "catering",
    "insurance brokers", "building supplies", "law", "printing", "software", "real estate", "farm equipment", "travel",
)  # fmt: skip
FORMS: Final = ("ltd", "limited", "pty ltd", "inc", "llc", "& co", "group", "holdings", "")
WORDS: Final = {
    "consulting": "consultants", "engineering": "eng", "insurance brokers": "ins brokers", "building": "bldg", "real estate": "realty",
    "software": "systems", "logistics": "transport", "pharmacy": "chemist", "travel": "tours", "equipment": "equip", "supplies": "supply",
    "international": "intl", "services": "svcs", "brothers": "bros", " and ": " & ", "catering": "food services",
}  # fmt: skip
WORK: Final = ("farmer", "clerk", "teacher", "smith", "carpenter", "sailor", "physician", "lawyer", "grocer", "miner", "printer",
               "politician", "painter", "soldier", "priest", "engineer", "author", "servant", "tailor", "baker")  # fmt: skip


def register(data: Path) -> Labelled:
    """Lives in old registers: full name, birth as far as known, birthplace, place, occupation; up to 15 records each."""
    rng = np.random.default_rng(1)
    one = damage.families(data, 1_600, rng)
    one["town"] = rng.choice(damage.clean(data)["suburb"].unique()[:60], len(one))
    rows = damage.repeated(one, damage.sizes(rng, len(one), 2.0, 15), rng)
    rows["work"] = rng.choice(WORK, len(rows))
    usual = rows.groupby("truth")["work"].transform("first")
    rows["work"] = usual.where(rng.random(len(rows)) < 0.7, rows["work"])
    rows = damage.cells(rows, ["first_name"], 0.2, damage.called, rng)
    rows = damage.cells(rows, ["first_name", "last_name", "town"], 0.12, damage.misspelt, rng)
    rows = damage.lost(rows, {"middle_initial": 0.5}, rng)
    rows = damage.cells(rows, ["date_of_birth"], 0.1, damage.birth_slip, rng)
    rows = damage.cells(rows, ["date_of_birth"], 0.3, damage.year_only, rng)
    rows = damage.changed(rows, ["postcode"], 0.3, rng)
    rows["name"] = _joined(rows, ["first_name", "middle_initial", "last_name"])
    rows = damage.lost(rows, {"date_of_birth": 0.15, "town": 0.2, "postcode": 0.35, "work": 0.35}, rng)
    return rows, {"truth": "truth", "name": "full name", "date_of_birth": "date of birth", "town": "birthplace",
                  "postcode": "postcode", "work": "category"}  # fmt: skip


def household(data: Path) -> Labelled:
    """Families under one roof: phone and address shared, births and sex often missing, moves, marriages."""
    rng = np.random.default_rng(2)
    one = damage.families(data, 2_500, rng)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.2, 6), rng)
    rows = damage.changed(rows, ["street_number", "street_name", "postcode"], 0.25, rng)
    rows = damage.changed(rows, ["last_name"], 0.1, rng)
    rows = damage.changed(rows, ["phone"], 0.2, rng)
    rows = damage.cells(rows, ["first_name"], 0.15, damage.called, rng)
    texts = ["first_name", "last_name", "street_name", "phone"]
    rows = damage.cells(rows, texts, 0.1, damage.misspelt, rng)
    rows = damage.cells(rows, ["date_of_birth"], 0.08, damage.birth_slip, rng)
    gaps = {"date_of_birth": 0.3, "sex": 0.2, "phone": 0.35, "postcode": 0.15, "middle_initial": 0.4}
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "first_name": "given name", "middle_initial": "middle name", "last_name": "family name",
        "date_of_birth": "date of birth", "sex": "sex", "street_number": "house number", "street_name": "street",
        "postcode": "postcode", "phone": "phone",
    }  # fmt: skip


def contacts(data: Path) -> Labelled:
    """A sales list without births: nicknames, mailboxes and phones that change or are shared, 40 % missing."""
    rng = np.random.default_rng(3)
    one = damage.families(data, 1_800, rng)
    number = rng.integers(1, 999, len(one)).astype(str)
    one["email"] = one["first_name"] + "." + one["last_name"].str.replace(" ", "") + number + "@mail.example"
    one["email"] = one["email"].where(
        rng.random(len(one)) < 0.8, one.groupby("household_true")["email"].transform("first")
    )
    one["employer"] = (
        rng.choice(one["last_name"].unique()[:150], len(one))
        + " "
        + rng.choice(TRADES, len(one)).astype(object)
    )
    rows = damage.repeated(one, damage.sizes(rng, len(one), 2.0, 10), rng)
    for column, share in (("email", 0.3), ("phone", 0.3), ("employer", 0.3), ("town", 0.2)):
        rows = damage.changed(rows, [column], share, rng)
    rows = damage.cells(rows, ["first_name"], 0.35, damage.called, rng)
    rows = damage.cells(
        rows, ["first_name", "last_name", "email", "town", "phone"], 0.1, damage.misspelt, rng
    )
    rows = damage.cells(rows, ["employer"], 0.3, damage.by(WORDS), rng)
    rows = damage.swapped(rows, "first_name", "last_name", 0.04, rng)
    rows = damage.lost(rows, {"email": 0.35, "phone": 0.4, "employer": 0.3, "town": 0.2}, rng)
    return rows, {"truth": "truth", "first_name": "given name", "last_name": "family name", "email": "e-mail",
                  "phone": "phone", "employer": "employer", "town": "town"}  # fmt: skip


def two_lists(data: Path) -> Labelled:
    """Two sources, each without repeats, that share 2,000 people and few columns: names apart or whole, births or years."""
    rng = np.random.default_rng(4)
    one = damage.families(data, 4_000, rng)
    side = np.where(np.arange(len(one)) % 4 < 2, 0, np.where(np.arange(len(one)) % 4 < 3, 1, 2))
    left = one[side <= 1].assign(list="a")
    right = one[(side == 0) | (side == 2)].assign(list="b")
    rows = pd.concat([left, right], ignore_index=True)
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    rows = damage.changed(rows, ["street_number", "street_name", "postcode"], 0.15, rng)
    rows = damage.cells(rows, ["first_name"], 0.1, damage.called, rng)
    rows = damage.cells(rows, ["first_name", "last_name", "street_name"], 0.08, damage.misspelt, rng)
    rows = damage.cells(rows, ["date_of_birth"], 0.05, damage.birth_slip, rng)
    first = (rows["list"] == "a").to_numpy()
    rows["name"] = _joined(rows, ["first_name", "last_name"]).mask(first, None)
    rows["address"] = _joined(rows, ["street_number", "street_name"]).mask(first, None)
    rows["date_of_birth"] = rows["date_of_birth"].where(
        first | (rng.random(len(rows)) < 0.5), rows["date_of_birth"].str[:4]
    )
    gone = ["first_name", "last_name", "street_number", "street_name"]
    rows = rows.assign(**{name: rows[name].where(first, None) for name in gone})
    return damage.lost(rows, {"date_of_birth": 0.1, "postcode": 0.1, "address": 0.1}, rng), {
        "truth": "truth", "list": "source", "first_name": "given name", "last_name": "family name", "name": "full name",
        "date_of_birth": "date of birth", "street_number": "house number", "street_name": "street", "address": "full address",
        "postcode": "postcode",
    }  # fmt: skip


def unequal(data: Path) -> Labelled:
    """One to thirty records a person, three slips in each, no number to hold on to."""
    rng = np.random.default_rng(5)
    one = damage.clean(data).head(1_200)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 2.5, 30), rng)
    rows = damage.changed(rows, ["street_number", "address_1", "suburb", "postcode"], 0.35, rng)
    rows = damage.cells(rows, ["given_name"], 0.2, damage.called, rng)
    rows = damage.cells(
        rows, ["given_name", "surname", "address_1", "suburb", "postcode"], 0.25, damage.misspelt, rng
    )
    rows = damage.cells(rows, ["date_of_birth"], 0.25, damage.birth_slip, rng)
    rows = damage.swapped(rows, "given_name", "surname", 0.08, rng)
    rows = damage.lost(rows, {"date_of_birth": 0.3, "suburb": 0.2, "postcode": 0.2, "address_1": 0.2}, rng)
    return rows, _without("soc_sec_id", "address_2", "state", "rec_id")


def scrambled(data: Path) -> Labelled:
    """Pairs and triples, 40 % of everything missing, fields swapped, scanned badly."""
    rng = np.random.default_rng(6)
    one = damage.clean(data)
    rows = damage.repeated(one, rng.integers(1, 4, len(one)), rng)
    texts = ["given_name", "surname", "address_1", "address_2", "suburb", "postcode"]
    rows = damage.cells(rows, texts, 0.2, damage.by(damage.OCR), rng)
    rows = damage.cells(rows, texts, 0.15, damage.misspelt, rng)
    rows = damage.cells(rows, ["address_1"], 0.4, damage.shortened, rng)
    rows = damage.cells(rows, ["date_of_birth"], 0.15, damage.birth_slip, rng)
    rows = damage.swapped(rows, "given_name", "surname", 0.1, rng)
    rows = damage.swapped(rows, "address_1", "address_2", 0.15, rng)
    gaps = dict.fromkeys(
        ["address_1", "address_2", "suburb", "postcode", "state", "date_of_birth", "street_number"], 0.4
    )
    return damage.lost(rows, gaps | {"given_name": 0.2, "surname": 0.1}, rng), _without(
        "soc_sec_id", "rec_id"
    )


def firms(data: Path) -> Labelled:
    """Organisations with legal forms, brackets, abbreviations; branches of a chain elsewhere are others."""
    rng = np.random.default_rng(7)
    one = damage.clean(data).head(2_500).reset_index(drop=True)
    chief = rng.choice(one["surname"].unique()[:900], len(one)).astype(object)
    second = np.where(
        rng.random(len(one)) < 0.3, " and " + rng.permutation(one["surname"]).astype(object), ""
    )
    tail = rng.choice(
        ["", " international", " services", " brothers"], len(one), p=[0.6, 0.15, 0.15, 0.1]
    ).astype(object)
    one["name"] = chief + second + " " + rng.choice(TRADES, len(one)).astype(object) + tail
    one["phone"] = rng.integers(10**8, 10**9, len(one)).astype(str)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.5, 12), rng)
    rows = damage.cells(rows, ["name"], 0.35, damage.by(WORDS), rng)
    rows = damage.cells(rows, ["name", "address_1", "suburb"], 0.15, damage.misspelt, rng)
    form = rng.choice(FORMS, len(rows)).astype(object)
    rows["name"] = (rows["name"] + " " + form).where(
        rng.random(len(rows)) < 0.9, rows["name"] + " (" + rows["suburb"].fillna("head office") + ")"
    )
    rows = damage.changed(rows, ["street_number", "address_1", "suburb", "postcode", "state"], 0.2, rng)
    rows = damage.changed(rows, ["phone"], 0.2, rng)
    rows = damage.cells(rows, ["address_1"], 0.5, damage.shortened, rng)
    rows = damage.lost(rows, {"phone": 0.45, "address_1": 0.3, "postcode": 0.3, "suburb": 0.1}, rng)
    return rows, {"truth": "truth", "name": "organisation name", "street_number": "house number", "address_1": "street",
                  "suburb": "town", "postcode": "postcode", "state": "region", "phone": "phone"}  # fmt: skip


def chinese(_: Path) -> Labelled:
    """The demonstration bank's people in three careless sources: homophones, pinyin, old numbers, half without an id."""
    rng, span = np.random.default_rng(8), Span.of(date(2024, 1, 1), date(2025, 12, 31), None)
    people = make_people(Streams(8, 0), span, 0, 2_500)
    who = rng.permutation(np.repeat(np.arange(2_500), rng.integers(1, 4, 2_500)))
    created = np.maximum(people.since[who], span.start - rng.integers(0, 4_000, len(who)))
    row = np.arange(len(who))
    told = write_down(rng, people, who, created, error=3.0, told=0.4, id_missing=0.6)
    day = np.full(len(who), span.end)
    place = told.address(row, day)
    rows = pd.DataFrame({
        "truth": people.ids[who], "name": told.name, "sex": np.array(["F", "M", ""])[np.where(told.female < 0, 2, 1 - told.female.clip(0, 1))],
        "born": (told.birth.astype("datetime64[D]")).astype(str), "id_no": told.id_no, "mobile": told.mobile(row, day),
        "city": CITY[place.district], "street": told.address_line(row, day),
    })  # fmt: skip
    rows = damage.lost(
        rows.astype(object).replace("", None), {"born": 0.3, "mobile": 0.4, "street": 0.25, "city": 0.2}, rng
    )
    return rows, {"truth": "truth", "name": "full name", "sex": "sex", "born": "date of birth", "id_no": "national id",
                  "mobile": "phone", "city": "town", "street": "street"}  # fmt: skip


def _joined(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    return rows[columns].fillna("").agg(" ".join, axis=1).str.split().str.join(" ").replace("", None)


def _without(*columns: str) -> dict[str, str]:
    return {name: meaning for name, meaning in FEBRL.items() if name not in columns}


SETS: Final[dict[str, Callable[[Path], Labelled]]] = {
    "register": register, "household": household, "contacts": contacts, "two lists": two_lists,
    "unequal": unequal, "scrambled": scrambled, "firms": firms, "chinese": chinese,
}  # fmt: skip
HALF: Final = ("register", "household", "two lists", "firms")
