"""Kinds of damage that records suffer in the field, and the people that suffer it.

A kind is a function of a table, a share and a seeded generator, and gives a new table of the same rows. A share is
that of the filled cells (or rows) that are hit; what is drawn depends on the generator's state alone, so that the same
seed gives the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench.labelled import febrl

Rng = np.random.Generator
Spoil = Callable[[str, Rng], str]
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
OCR: Final = {
    "m": "rn",
    "rn": "m",
    "l": "1",
    "o": "0",
    "i": "l",
    "h": "b",
    "e": "c",
    "u": "v",
    "5": "s",
    "8": "3",
    "1": "7",
}
SOUNDS: Final = {
    "ph": "f", "ck": "k", "ie": "y", "ey": "y", "y": "ie", "c": "k", "k": "c", "s": "z", "ee": "ea", "ll": "l", "l": "ll",
    "nn": "n", "n": "nn", "th": "t", "son": "sen", "er": "ar", "ai": "ay", "i": "y",
}  # fmt: skip
NICKNAMES: Final = {
    "robert": "bob", "william": "bill", "james": "jim", "john": "jack", "richard": "dick", "thomas": "tom", "charles": "charlie",
    "michael": "mike", "christopher": "chris", "joseph": "joe", "daniel": "dan", "matthew": "matt", "andrew": "andy",
    "edward": "ted", "anthony": "tony", "steven": "steve", "timothy": "tim", "nicholas": "nick", "benjamin": "ben",
    "samuel": "sam", "alexander": "alex", "joshua": "josh", "elizabeth": "liz", "margaret": "peggy", "katherine": "kate",
    "catherine": "cathy", "jennifer": "jenny", "patricia": "pat", "rebecca": "becky", "susan": "sue", "deborah": "debbie",
    "jessica": "jess", "amanda": "mandy", "mary": "molly", "barbara": "barb", "dorothy": "dot", "isabella": "bella",
    "victoria": "vicky", "samantha": "sam", "emily": "em", "natalie": "nat", "abigail": "abby", "madeline": "maddy",
}  # fmt: skip
SHORT: Final = {
    "street": "st",
    "road": "rd",
    "avenue": "av",
    "drive": "dr",
    "lane": "la",
    "court": "crt",
    "crescent": "cr",
    "place": "plc",
}


def cells(table: pd.DataFrame, columns: Sequence[str], share: float, spoil: Spoil, rng: Rng) -> pd.DataFrame:
    """A share of the filled cells of each column through `spoil`."""
    spoilt = table.copy()
    for name in columns:
        hit = (rng.random(len(table)) < share) & table[name].notna().to_numpy()
        column = table[name].to_numpy(dtype=object).copy()
        column[hit] = [spoil(str(value), rng) for value in column[hit]]
        spoilt[name] = column
    return spoilt


def lost(table: pd.DataFrame, shares: dict[str, float], rng: Rng) -> pd.DataFrame:
    """A share of each column's cells is empty."""
    gaps = {name: table[name].mask(rng.random(len(table)) < share, None) for name, share in shares.items()}
    return table.assign(**gaps)


def swapped(table: pd.DataFrame, one: str, other: str, share: float, rng: Rng) -> pd.DataFrame:
    """In a share of the rows two fields stand in each other's place."""
    hit = rng.random(len(table)) < share
    return table.assign(
        **{one: table[one].where(~hit, table[other]), other: table[other].where(~hit, table[one])}
    )


def changed(table: pd.DataFrame, columns: Sequence[str], share: float, rng: Rng) -> pd.DataFrame:
    """A share of the entities (`truth`) change all `columns` together: each of their records has the old or the new
    ones. The new ones are another entity's.
    """
    entity, first = np.unique(table["truth"].to_numpy(str), return_index=True)
    moved = rng.random(len(entity)) < share
    donor = first[rng.permutation(len(entity))]
    place = np.searchsorted(entity, table["truth"].to_numpy(str))
    late = moved[place] & (rng.random(len(table)) < 0.5)
    new = {name: table[name].to_numpy(dtype=object)[donor[place]] for name in columns}
    return table.assign(**{name: np.where(late, new[name], table[name].to_numpy(object)) for name in columns})


def typo(text: str, rng: Rng) -> str:
    """A letter or digit wrong, lost, added or changed places with the next."""
    at = int(rng.integers(0, len(text)))
    new = str(rng.integers(0, 10)) if text[at].isdigit() else LETTERS[rng.integers(0, 26)]
    kind = int(rng.integers(0, 4))
    if kind == 0:
        return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
    return text[:at] + ("", new, new + text[at])[kind - 1 if len(text) > 2 else 1] + text[at + 1 :]


def by(table: dict[str, str]) -> Spoil:
    """One of the pieces that stand in `table` becomes what it says there; a text without any stays."""

    def replaced(text: str, rng: Rng) -> str:
        there = [piece for piece in table if piece in text]
        if not there:
            return text
        piece = there[rng.integers(0, len(there))]
        return text.replace(piece, table[piece], 1)

    return replaced


def misspelt(text: str, rng: Rng) -> str:
    """A typing error, a sound written otherwise or a misread letter; two of them once in four."""
    kinds = (typo, typo, by(SOUNDS), by(OCR))
    spoilt = kinds[rng.integers(0, 4)](text, rng)
    return typo(spoilt, rng) if rng.random() < 0.25 and spoilt else spoilt


def called(text: str, rng: Rng) -> str:
    """A given name as it is used: the nickname, else often the initial."""
    return NICKNAMES.get(text) or (text[0] if rng.random() < 0.5 else text)


def shortened(text: str, _: Rng) -> str:
    """A street as it is abbreviated."""
    return " ".join(SHORT.get(word, word) for word in text.split())


def birth_slip(text: str, rng: Rng) -> str:
    """A date yyyymmdd with day and month in each other's place, a digit wrong, or a year or two off."""
    kind = rng.integers(0, 3)
    if kind == 0 and int(text[6:]) <= 12:
        return text[:4] + text[6:] + text[4:6]
    if kind == 1:
        return f"{int(text[:4]) + rng.choice([-2, -1, 1, 2])}{text[4:]}"
    at = int(rng.choice([3, 5, 7]))
    return text[:at] + str(rng.integers(1, 10 if at != 5 else 3)) + text[at + 1 :]


def year_only(text: str, _: Rng) -> str:
    """A date yyyymmdd of which the year is known."""
    return text[:4]


def repeated(entities: pd.DataFrame, sizes: np.ndarray, rng: Rng) -> pd.DataFrame:
    """Each entity as many times as `sizes` says, in random order."""
    rows = rng.permutation(np.repeat(np.arange(len(entities)), sizes))
    return entities.iloc[rows].reset_index(drop=True)


def mixed(parts: list[pd.DataFrame], seed: int) -> pd.DataFrame:
    """Several tables as one, in random order."""
    return pd.concat(parts).sample(frac=1, random_state=seed).reset_index(drop=True)


def sizes(rng: Rng, entities: int, mean: float, most: int, shape: float = 2.0) -> np.ndarray:
    """How many records each entity has: many one, few very many, more so the smaller the `shape`."""
    return np.asarray(np.clip(np.floor(rng.pareto(shape, entities) * mean) + 1, 1, most), int)


def families(data: Path, people: int, rng: Rng) -> pd.DataFrame:
    """People of households of two and more, one row each; a household shares its address and phone."""
    whole = pd.read_parquet(data / "pp7.parquet").replace("", None)
    one = whole.groupby("cluster").first()
    one = one.dropna(subset=["first_name", "last_name", "date_of_birth", "street_name"])
    one = one[one["date_of_birth"].str.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2][1-9]|10|20|3[01])")]
    one = one[one.groupby("household_true")["ssn"].transform("size") > 1]
    one = one.sort_values("household_true", kind="stable").head(people).reset_index(names="truth")
    home = pd.factorize(one["household_true"])[0]
    place = clean(data).sample(home.max() + 1, random_state=1).reset_index(drop=True)
    phone = rng.integers(10**8, 10**9, (home.max() + 1)).astype(str)[home]
    return one.assign(
        town=place["suburb"].to_numpy()[home], postcode=place["postcode"].to_numpy()[home], phone=phone
    )


def clean(data: Path) -> pd.DataFrame:
    """FEBRL's originals."""
    table, _ = febrl("4a")(data)
    return table.dropna(
        subset=["given_name", "surname", "address_1", "suburb", "date_of_birth", "street_number"]
    )
