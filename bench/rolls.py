"""Property owners, players and institutions, for bench/outsiders.py: names of mixed kinds, measures in other units, one line for all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage
from bench.labelled import Labelled

TRUSTS: Final = (" trust", " living trust", " family trust", " revocable trust", " tr", " trustee")
HOUSES: Final = ("properties", "holdings", "realty", "homes", "investments", "land", "apartments", "ventures")
FIRMS: Final = (" llc", " l l c", " inc", " ltd", " lp", "")
USES: Final = ("single family", "condo", "vacant", "multi family", "commercial", "farm")
POSITIONS: Final = {
    "goalkeeper": "gk",
    "centre back": "cb",
    "left back": "lb",
    "right back": "rb",
    "midfielder": "cm",
    "winger": "lw",
    "forward": "st",
}
NATIONS: Final = {
    "united states": "usa",
    "germany": "ger",
    "spain": "esp",
    "brazil": "bra",
    "england": "eng",
    "netherlands": "ned",
    "france": "fra",
}
CLUBS: Final = ("fc {}", "{} united", "{} city", "sporting {}", "{} rovers", "real {}", "{} athletic")
SCHOOLS: Final = ("university of {}", "{} university", "{} institute of technology", "technical university of {}", "{} state university",
                  "{} medical center", "{} research laboratory", "national university of {}")  # fmt: skip
PARTS: Final = (
    "physics",
    "computer science",
    "mathematics",
    "chemistry",
    "electrical engineering",
    "biology",
    "medicine",
    "statistics",
    "economics",
)
CUT: Final = {"university": "univ.", "institute": "inst.", "technology": "tech.", "national": "nat'l", "laboratory": "lab", "department": "dept.",
              "technical": "tech.", "engineering": "eng.", "medical center": "med. ctr", "computer science": "cs"}  # fmt: skip
COUNTRIES: Final = ("usa", "uk", "germany", "australia", "canada", "italy", "india", "japan")


def owners(data: Path) -> Labelled:
    """A tax roll, a line a parcel: couples, widows, trusts and firms in one column of names, the family name first, the address in one."""
    rng = np.random.default_rng(61)
    one = _owner(data, 1_500, rng)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.6, 40, shape=1.6), rng)
    rows = damage.changed(rows, ["address", "city", "zip"], 0.15, rng)
    rows["owner"] = [_titled(row, rng) for row in rows.itertuples()]
    rows = damage.cells(rows, ["address"], 0.5, damage.shortened, rng)
    rows = damage.cells(
        rows, ["address"], 0.06, lambda t, r: f"{t} {r.choice(['unit', 'apt', '#'])} {r.integers(1, 40)}", rng
    )
    rows = damage.cells(rows, ["owner", "address", "city"], 0.08, damage.misspelt, rng)
    rows["use"] = rng.choice(USES, len(rows))
    gaps = {"address": 0.04, "city": 0.06, "zip": 0.15}
    return damage.lost(rows[["truth", "owner", "address", "city", "zip", "use"]], gaps, rng), {
        "truth": "truth", "owner": "full name", "address": "full address", "city": "town", "zip": "postcode", "use": "category",
    }  # fmt: skip


def _owner(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    people, clean = (
        damage.families(data, 2 * count, rng),
        damage.clean(data).sample(count, random_state=61).reset_index(drop=True),
    )
    one, other = people.iloc[:count].reset_index(drop=True), people.iloc[count:].reset_index(drop=True)
    table = pd.DataFrame(
        {"truth": np.arange(count).astype(str), "first": one["first_name"], "last": one["last_name"]}
    )
    table["middle"], table["spouse"] = (
        one["middle_initial"],
        other["first_name"].where(rng.random(count) < 0.5, None),
    )
    firm = one["last_name"] + " " + rng.choice(HOUSES, count).astype(object)
    table["firm"] = firm.where(rng.random(count) < 0.25, None)
    child = np.flatnonzero(rng.random(count) < 0.08)[1:]  # two of a family, one street apart
    table.loc[child, "last"] = table["last"].to_numpy()[child - 1]
    place = clean[["street_number", "address_1", "suburb", "postcode"]].copy()
    place.loc[child, ["address_1", "suburb", "postcode"]] = place[
        ["address_1", "suburb", "postcode"]
    ].to_numpy()[child - 1]
    return table.assign(
        address=place["street_number"] + " " + place["address_1"], city=place["suburb"], zip=place["postcode"]
    )


def _titled(row: object, rng: damage.Rng) -> str:
    """An owner as one deed or another has it."""
    first, last, middle, spouse, firm = (
        getattr(row, f) for f in ("first", "last", "middle", "spouse", "firm")
    )
    if isinstance(firm, str):
        return (firm + str(rng.choice(FIRMS))).upper()
    own = f"{first} {middle}" if isinstance(middle, str) and rng.random() < 0.6 else first
    couple = f" & {spouse}" if isinstance(spouse, str) and rng.random() < 0.7 else ""
    trust = str(rng.choice(TRUSTS)) if rng.random() < 0.12 else ""
    forms = (
        f"{last} {own}{couple}{trust}",
        f"{last}, {own}{couple}{trust}",
        f"{own}{couple} {last}{trust}",
        f"{last} {first[0]}{couple}",
    )
    return forms[int(rng.choice(4, p=[0.5, 0.25, 0.2, 0.05]))].upper()


def players(data: Path) -> Labelled:
    """A league's site and a fan site: metres and feet, kilograms and pounds, born on a day or aged, initials, clubs by other names."""
    rng = np.random.default_rng(62)
    one = _player(data, 1_900, rng)
    side = rng.integers(0, 4, len(one))
    left, right = one[side < 3].assign(site="league"), one[side > 0].assign(site="fans")
    left["height"], left["weight"] = left["cm"].astype(str), left["kg"].astype(str) + " kg"
    inches = np.rint((right["cm"] + rng.integers(-1, 2, len(right))) / 2.54).astype(int)
    right["height"] = (inches // 12).astype(str) + "'" + (inches % 12).astype(str) + '"'
    right["weight"] = (
        np.rint((right["kg"] + rng.integers(-2, 3, len(right))) * 2.2046).astype(int).astype(str) + " lbs"
    )
    right = damage.cells(right, ["name"], 0.25, lambda t, _: f"{t[0]}. {t.split(maxsplit=1)[1]}", rng)
    right = damage.cells(right, ["born"], 0.25, damage.year_only, rng)
    right = damage.cells(
        right, ["born"], 1.0, lambda t, _: f"{t[6:]}/{t[4:6]}/{t[:4]}" if len(t) == 8 else t, rng
    )
    for column, words in (("position", POSITIONS), ("nation", NATIONS)):
        right = damage.cells(right, [column], 0.9, damage.by(words), rng)
    right = damage.cells(right, ["club"], 0.4, lambda t, _: max(t.split(), key=len), rng)
    right["club"] = np.where(rng.random(len(right)) < 0.2, rng.permutation(right["club"]), right["club"])
    rows = damage.cells(damage.mixed([left, right], 62), ["name", "club"], 0.08, damage.misspelt, rng)
    columns = ["truth", "site", "name", "born", "height", "weight", "position", "nation", "club"]
    gaps = {"born": 0.35, "height": 0.15, "weight": 0.15, "position": 0.1, "nation": 0.1, "club": 0.1}
    return damage.lost(rows[columns], gaps, rng), {
        "truth": "truth", "site": "source", "name": "full name", "born": "date of birth", "height": "number", "weight": "number",
        "position": "category", "nation": "country", "club": "organisation name",
    }  # fmt: skip


def _player(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """Every twelfth has the family name and nation of the one before, every third of these the initial."""
    people, towns = (
        damage.families(data, count, rng).reset_index(drop=True),
        damage.clean(data)["suburb"].unique()[:90],
    )
    first, last = (
        rng.permutation(people["first_name"]).astype(object),
        rng.permutation(people["last_name"]).astype(object),
    )
    kin = np.flatnonzero(rng.random(count) < 0.08)[1:]
    last[kin] = last[kin - 1]
    some = kin[rng.random(len(kin)) < 0.33]
    first[some] = [f"{a[0]}{b[1:]}" for a, b in zip(first[some - 1], first[some], strict=True)]
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "name": first + " " + last})
    day = pd.Timestamp("1985-01-01") + pd.to_timedelta(rng.integers(0, 6_500, count), unit="D")
    one["born"], one["cm"] = day.strftime("%Y%m%d").to_numpy(object), rng.normal(182, 7, count).astype(int)
    one["kg"] = (one["cm"] - 106 + rng.normal(0, 5, count)).astype(int)
    one["position"], one["nation"] = (
        rng.choice([*POSITIONS], count).astype(object),
        rng.choice([*NATIONS], count).astype(object),
    )
    clubs = np.array([CLUBS[i % 7].format(town) for i, town in enumerate(towns)], object)
    return one.assign(club=rng.choice(clubs, count))


def institutions(data: Path) -> Labelled:
    """Where authors work, in one line and one column: departments, towns and countries or none, words cut short, initials."""
    rng = np.random.default_rng(63)
    towns = damage.clean(data)["suburb"].unique()
    count = 420
    place = rng.integers(0, 260, count)
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "town": towns[place]})
    one["school"] = [
        SCHOOLS[s].format(t) for s, t in zip(rng.integers(0, 8, count), one["town"], strict=True)
    ]
    one = one[~one["school"].duplicated().to_numpy()]
    one["country"] = rng.choice(COUNTRIES, len(one))
    rows = damage.repeated(one, damage.sizes(rng, len(one), 2.5, 40, shape=1.2), rng)
    rows["line"] = [_worked(row, rng) for row in rows.itertuples()]
    rows = damage.cells(rows, ["line"], 0.35, damage.by(CUT), rng)
    rows = damage.cells(rows, ["line"], 0.25, damage.by(CUT), rng)
    rows = damage.cells(rows, ["line"], 0.12, damage.misspelt, rng)
    return rows[["truth", "line"]], {"truth": "truth", "line": "organisation name"}


def _worked(row: object, rng: damage.Rng) -> str:
    school, town, country = (getattr(row, f) for f in ("school", "town", "country"))
    part = rng.choice(PARTS)
    head = ("", f"department of {part}, ", f"{part} department, ", f"school of {part}, ")[
        int(rng.choice(4, p=[0.35, 0.4, 0.1, 0.15]))
    ]
    tail = ("", f", {town}", f", {town}, {country}", f", {country}")[
        int(rng.choice(4, p=[0.4, 0.15, 0.3, 0.15]))
    ]
    return f"{head}{school}{tail}"
