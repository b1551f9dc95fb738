"""Six more labelled sets of kinds that none of the others has, each run once before anything was changed by it: censuses ten years
apart, a clinic's patients, five lists that each know half, books in editions, places with coordinates, Chinese firms and branches.

`clinic` and `books` are held out: while the method was changed their figures were seen, never their records.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import chinese_firms, damage, shelves
from bench.labelled import Labelled
from bench.strangers import OLD_SPELLINGS

MEN: Final = ("john", "william", "james", "george", "thomas", "charles", "robert", "henry", "joseph", "edward", "samuel", "richard",
              "david", "alfred", "frederick", "walter", "arthur", "albert", "daniel", "peter", "ernest", "hugh", "matthew", "isaac")  # fmt: skip
WOMEN: Final = ("mary", "elizabeth", "sarah", "annie", "margaret", "alice", "jane", "florence", "ellen", "emily", "martha", "edith",
                "catherine", "hannah", "harriet", "rose", "ada", "susan", "dorothy", "agnes", "clara", "lucy", "esther", "ruth")  # fmt: skip
WORK: Final = {
    "agricultural labourer": "ag lab", "general labourer": "labourer", "coal miner hewer": "coal hewer", "domestic servant": "servant",
    "cotton weaver": "weaver", "dressmaker": "sempstress", "railway porter": "porter", "house carpenter": "carpenter joiner",
    "scholar": "", "boot maker": "shoemaker", "laundress": "washerwoman", "grocer": "grocer and draper",
}  # fmt: skip
NO_PHONE: Final = ("5555555555", "0000000000", "9999999999", "1234567890")
NO_MAIL: Final = ("none@none.com", "noemail@clinic.example", "na@na.com")
NO_ADDRESS: Final = ("unknown", "homeless", "general delivery", "same as mother")


def censuses(data: Path) -> Labelled:
    """Two censuses ten years apart, each counting everybody once: ages, not births; few names; daughters marry, households move."""
    rng = np.random.default_rng(41)
    one = damage.families(data, 2_900, rng)
    nth = one.groupby("household_true").cumcount() // 5  # barracks and homes for the old aren't one family
    one["household_true"] = one["household_true"] + "-" + nth.astype(str)
    home, woman = pd.factorize(one["household_true"])[0], (one["sex"] == "female").to_numpy()
    one["forename"] = np.where(woman, often(rng, WOMEN, len(one), 1.0), often(rng, MEN, len(one), 1.0))
    second = np.where(woman, often(rng, WOMEN, len(one), 0.6), often(rng, MEN, len(one), 0.6))
    one["second"] = pd.Series(second).where(rng.random(len(one)) < 0.35, None)
    one["surname"] = often(rng, one["last_name"].unique()[:450], home.max() + 1, 0.5)[home]
    one["age"] = 2_020 - one["date_of_birth"].str[:4].astype(int)
    one = one[one["age"] < 75].reset_index(drop=True)
    early, late = one[rng.random(len(one)) < 0.8].copy(), one[rng.random(len(one)) < 0.8].copy()
    late = _ten_years_on(late, rng)
    rows = damage.mixed([early.assign(year="1901"), late.assign(year="1911")], 41)
    rows["work"] = rng.choice([*WORK], 2_900)[rows["truth"].factorize()[0]]
    rows["work"] = rows["work"].where(
        rng.random(len(rows)) < 0.6, pd.Series(rng.choice([*WORK], len(rows)), dtype=object)
    )
    rows["age"] = (
        rows["age"] + rng.choice([-2, -1, 0, 1, 2], len(rows), p=[0.05, 0.15, 0.6, 0.15, 0.05])
    ).clip(0)
    rows["age"] = rows["age"].where(rng.random(len(rows)) > 0.1, (rows["age"] // 5 * 5).clip(0)).astype(str)
    born = rng.choice(
        damage.clean(data)["suburb"].unique()[:45], one["household_true"].nunique() + 2_900
    ).astype(object)
    rows["birthplace"] = born[rows["household_true"].factorize()[0]]
    rows = damage.cells(rows, ["work"], 0.3, damage.by(WORK), rng)
    rows = damage.cells(rows, ["forename"], 0.15, damage.called, rng)
    rows = damage.cells(rows, ["second"], 0.4, lambda text, _: text[0], rng)
    rows = damage.cells(
        rows, ["forename", "surname", "birthplace", "town"], 0.15, damage.by(OLD_SPELLINGS), rng
    )
    rows = damage.cells(rows, ["forename", "surname", "birthplace"], 0.06, damage.misspelt, rng)
    rows = damage.lost(rows, {"second": 0.3, "birthplace": 0.08, "work": 0.3, "age": 0.03}, rng)
    return rows, {
        "truth": "truth", "year": "source", "forename": "given name", "second": "middle name", "surname": "family name", "sex": "sex",
        "age": "number", "birthplace": "birthplace", "town": "town", "street_name": "street", "work": "category",
    }  # fmt: skip


def _ten_years_on(people: pd.DataFrame, rng: damage.Rng) -> pd.DataFrame:
    """Everybody is ten years older; a third of the households moved, the grown-up children of others too, most daughters married."""
    people = people.assign(age=people["age"] + 10).reset_index(drop=True)
    home = people["household_true"].factorize()[0]
    grown = people["age"].between(22, 38) & (rng.random(len(people)) < 0.6)
    left = (rng.random(home.max() + 1) < 0.33)[home] | grown
    place, married = (
        ["town", "street_name"],
        grown & (people["sex"] == "female") & (rng.random(len(people)) < 0.8),
    )
    other = people[[*place, "surname"]].iloc[rng.permutation(len(people))].reset_index(drop=True)
    people[place] = people[place].where(~left, other[place])
    return people.assign(surname=people["surname"].where(~married, other["surname"]))


def _one_of(nothing: tuple[str, ...]) -> damage.Spoil:
    return lambda _, rng: str(rng.choice(nothing))


def often(rng: damage.Rng, values: object, count: int, power: float = 0.8) -> np.ndarray:
    """Drawn as unequally as names are: the k-th with a weight of k to the minus `power`."""
    held = np.asarray(values, object)
    weight = 1 / (np.arange(len(held)) + 2.0) ** power
    return rng.choice(held, count, p=weight / weight.sum())


def clinic(data: Path) -> Labelled:
    """Patients: twins, newborns before they have a name, double family names, what a clerk types where nothing is known."""
    rng = np.random.default_rng(42)
    one = damage.families(data, 2_000, rng).reset_index(drop=True)
    double = rng.random(len(one)) < 0.2
    one["last_name"] = one["last_name"].where(
        ~double, one["last_name"] + "-" + rng.permutation(one["last_name"]).astype(object)
    )
    one["birth"] = one["date_of_birth"]
    one = pd.concat([one, *_born(one, rng)], ignore_index=True)
    one["truth"], one["newborn"] = np.arange(len(one)).astype(str), np.arange(len(one)) >= 2_000
    one["mail"] = (
        one["first_name"].str[0]
        + one["last_name"].str.replace("-", "")
        + rng.integers(1, 99, len(one)).astype(str)
    ).astype(object)
    one["mail"] = (
        one["mail"]
        + "@"
        + rng.choice(["mail.example", "post.example", "web.example"], len(one)).astype(object)
    )
    one["phone"] = "9" + one["phone"]
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.4, 9), rng)
    unnamed = rows["newborn"] & (rng.random(len(rows)) < 0.45)
    rows["first_name"] = rows["first_name"].where(
        ~unnamed, np.where(rows["sex"] == "female", "baby girl", "baby boy")
    )
    rows = damage.changed(rows, ["street_number", "street_name", "town", "postcode"], 0.25, rng)
    rows = damage.changed(rows, ["phone"], 0.2, rng)
    rows = damage.changed(rows, ["last_name"], 0.06, rng)
    rows = damage.cells(rows, ["last_name"], 0.5, _one_of_two, rng)
    rows = damage.cells(rows, ["first_name"], 0.1, damage.called, rng)
    rows = damage.cells(
        rows, ["first_name"], 0.06, lambda text, r: f"{r.choice(['mr', 'mrs', 'ms'])} {text}", rng
    )
    rows = damage.cells(
        rows, ["last_name"], 0.05, lambda text, r: f"{text} {r.choice(['jr', 'sr', 'iii'])}", rng
    )
    rows = damage.cells(rows, ["first_name", "last_name", "street_name", "town"], 0.08, damage.misspelt, rng)
    rows = damage.cells(rows, ["birth"], 0.06, damage.birth_slip, rng)
    rows = damage.cells(rows, ["birth"], 1.0, lambda text, _: f"{text[4:6]}/{text[6:]}/{text[:4]}", rng)
    for column, nothing, share in (("phone", NO_PHONE, 0.12), ("mail", NO_MAIL, 0.2), ("street_name", NO_ADDRESS, 0.04),
                                   ("birth", ("01/01/1900", "12/31/9999"), 0.06)):  # fmt: skip
        rows = damage.cells(rows, [column], share, _one_of(nothing), rng)
    rows["ssn"] = rows["ssn"].where(rng.random(len(rows)) > 0.1, "999-99-9999")
    gaps = {
        "ssn": 0.6,
        "mail": 0.4,
        "phone": 0.2,
        "street_number": 0.1,
        "town": 0.1,
        "postcode": 0.15,
        "sex": 0.05,
        "middle_initial": 0.5,
    }
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "first_name": "given name", "middle_initial": "middle name", "last_name": "family name", "birth": "date of birth",
        "sex": "sex", "ssn": "national id", "street_number": "house number", "street_name": "street", "town": "town",
        "postcode": "postcode", "phone": "phone", "mail": "e-mail",
    }  # fmt: skip


def _born(people: pd.DataFrame, rng: damage.Rng) -> list[pd.DataFrame]:
    """Newborns of some of the women: their home, name and phone, a birth of last year; every fourth has a twin."""
    mothers = people[(people["sex"] == "female").to_numpy() & (rng.random(len(people)) < 0.16)]
    day = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, len(mothers)), unit="D")
    first = mothers.assign(birth=day.strftime("%Y%m%d"), ssn=None, middle_initial=None)
    twins = first[rng.random(len(first)) < 0.25]
    return [_named(children, people, rng) for children in (first, twins)]


def _named(children: pd.DataFrame, people: pd.DataFrame, rng: damage.Rng) -> pd.DataFrame:
    like = people.iloc[rng.integers(0, len(people), len(children))]
    return children.assign(first_name=like["first_name"].to_numpy(), sex=like["sex"].to_numpy())


def _one_of_two(name: str, rng: damage.Rng) -> str:
    """A double name as clerks write it: with a blank, the first alone, or the second."""
    parts = name.split("-")
    return str(rng.choice([" ".join(parts), parts[0], parts[-1]])) if len(parts) > 1 else name


def bureau(data: Path) -> Labelled:
    """A bureau's five suppliers, each with half of the columns and its own dirt; one to forty records a person."""
    rng = np.random.default_rng(43)
    one = damage.families(data, 1_700, rng).reset_index(drop=True)
    one["mail"] = (
        one["first_name"].str[0]
        + "."
        + one["last_name"]
        + rng.integers(1, 999, len(one)).astype(str)
        + "@mail.example"
    )
    many = np.clip(np.floor(rng.pareto(1.4, len(one)) * 1.3), 0, 38).astype(int)
    shares, often = (
        (("bank", 0.6), ("telecom", 0.5), ("power", 0.4), ("register", 0.5)),
        one.iloc[np.repeat(np.arange(len(one)), many)],
    )
    parts = [one[rng.random(len(one)) < share].assign(supplier=name) for name, share in shares]
    rows = damage.mixed([*parts, often.assign(supplier="shop")], 43)
    rows["whole"] = (rows["first_name"] + " " + rows["last_name"]).astype(object)
    rows = damage.changed(rows, ["street_number", "street_name", "town", "postcode"], 0.3, rng)
    for column, share in (("phone", 0.25), ("mail", 0.2), ("last_name", 0.04)):
        rows = damage.changed(rows, [column], share, rng)
    rows["address"] = (rows["street_number"] + " " + rows["street_name"] + ", " + rows["town"]).astype(object)
    rows["whole"] = rows["whole"].where(
        rows["supplier"] == "register", rows["last_name"].str.upper() + ", " + rows["first_name"]
    )
    shop, power = (rows["supplier"] == "shop").to_numpy(), (rows["supplier"] == "power").to_numpy()
    rows["first_name"] = rows["first_name"].mask(power, rows["first_name"].str[0])
    rows["date_of_birth"] = rows["date_of_birth"].mask(
        rows["supplier"] == "register", rows["date_of_birth"].str[:4]
    )
    dirty = damage.cells(rows, ["first_name"], 0.25, damage.called, rng)
    dirty = damage.cells(
        dirty, ["first_name", "last_name", "mail", "street_name", "town", "phone"], 0.15, damage.misspelt, rng
    )
    rows = dirty.where(pd.Series(shop | power), rows)
    held = {"bank": "first_name last_name date_of_birth ssn street_number street_name postcode", "telecom": "whole address phone date_of_birth",
            "power": "first_name last_name street_number street_name town postcode", "register": "whole date_of_birth town sex",
            "shop": "first_name last_name mail phone postcode"}  # fmt: skip
    known = sorted({column for columns in held.values() for column in columns.split()})
    for column in known:
        rows[column] = rows[column].where(
            rows["supplier"].map(held).str.split().map(lambda c, column=column: column in c), None
        )
    return damage.lost(rows, dict.fromkeys(["phone", "mail", "postcode", "date_of_birth"], 0.15) | {"ssn": 0.3}, rng), {
        "truth": "truth", "supplier": "source", "first_name": "given name", "last_name": "family name", "whole": "full name",
        "date_of_birth": "date of birth", "sex": "sex", "ssn": "national id", "street_number": "house number", "street_name": "street",
        "address": "full address", "town": "town", "postcode": "postcode", "phone": "phone", "mail": "e-mail",
    }  # fmt: skip


SETS: Final[dict[str, Callable[[Path], Labelled]]] = {
    "censuses": censuses, "clinic": clinic, "bureau": bureau, "books": shelves.books, "places": shelves.places,
    "branches": chinese_firms.branches,
}  # fmt: skip
HELD_OUT: Final = ("clinic", "books")
