"""Seven more labelled sets of kinds that none of the others has, each run once before anything was changed by it: people of an
encyclopaedia copied many times over, mailing lists as a scanner reads them, patents' inventors, films in two catalogues, property
owners, players, institutions.

`owners` is held out: while the method was changed its figures were seen, never its records.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bench import damage, films, patents, rolls
from bench.labelled import Labelled
from bench.newcomers import MEN, WOMEN, often

CALLINGS: Final = ("politician", "painter", "writer", "cricketer", "military officer", "clergyman", "botanist", "engraver", "physician", "actor",
                   "composer", "lawyer", "architect", "poet", "engineer", "merchant", "explorer", "historian", "sculptor", "judge")  # fmt: skip
OTHER_CALLING: Final = {"politician": "statesman", "painter": "artist", "writer": "novelist", "military officer": "soldier",
                        "clergyman": "priest", "physician": "surgeon", "lawyer": "barrister", "engraver": "printmaker"}  # fmt: skip
STYLES: Final = ("sir", "lord", "rev", "dr", "captain")
SMUDGED: Final = damage.by(damage.OCR)


def notables(data: Path) -> Labelled:
    """People of an encyclopaedia, one to twenty copies each, with typing damage and gaps: sons bear their fathers' names."""
    rng = np.random.default_rng(51)
    one = _notable(data, 950, rng)
    rows = damage.repeated(one, np.clip(rng.geometric(0.2, len(one)), 1, 20), rng)
    rows["surname"] = rows["surname"].astype(object)
    town = rng.random(len(rows)) < 0.3  # the borough or the city
    rows["born_at"] = np.where(town, rows.pop("near"), rows["born_at"])
    rows = damage.cells(
        rows, ["postcode"], 0.25, lambda text, r: f"{text[:3]} {r.integers(1, 9)}{text[-2:]}", rng
    )
    rows = damage.cells(rows, ["calling"], 0.3, damage.by(OTHER_CALLING), rng)
    rows = damage.cells(rows, ["calling"], 0.12, lambda _, r: str(r.choice(CALLINGS)), rng)
    rows = damage.cells(rows, ["born"], 0.12, lambda text, _: f"{text[:4]}0101", rng)
    rows = damage.cells(rows, ["born"], 0.08, damage.birth_slip, rng)
    rows = damage.cells(rows, ["born"], 1.0, lambda text, _: f"{text[:4]}-{text[4:6]}-{text[6:]}", rng)
    rows = damage.cells(rows, ["forename"], 0.15, damage.called, rng)
    second = (rng.random(len(rows)) < 0.3) & rows["second"].notna().to_numpy()
    rows["forename"] = np.where(second, rows["forename"] + " " + rows["second"], rows["forename"])
    used = (rng.random(len(rows)) < 0.06) & ~second & rows["second"].notna().to_numpy()
    rows["forename"] = np.where(used, rows["second"], rows["forename"])
    rows = damage.cells(
        rows.drop(columns="second"), ["forename"], 0.08, lambda t, r: f"{r.choice(STYLES)} {t}", rng
    )
    rows = damage.swapped(rows, "forename", "surname", 0.02, rng)
    rows = damage.cells(rows, ["forename", "surname", "born_at"], 0.18, damage.misspelt, rng)
    gaps = {
        "forename": 0.05,
        "surname": 0.03,
        "born": 0.2,
        "born_at": 0.25,
        "postcode": 0.3,
        "calling": 0.35,
        "sex": 0.15,
    }
    return damage.lost(rows, gaps, rng), {
        "truth": "truth", "forename": "given name", "surname": "family name", "born": "date of birth", "born_at": "birthplace",
        "postcode": "postcode", "sex": "sex", "calling": "category",
    }  # fmt: skip


def _notable(data: Path, count: int, rng: damage.Rng) -> pd.DataFrame:
    """Every eighth is the child of the one before: of one family name and place, half of them of one given name and calling."""
    clean, woman = damage.clean(data), rng.random(count) < 0.2
    one = pd.DataFrame({"truth": np.arange(count).astype(str), "sex": np.where(woman, "female", "male")})
    first, second = (np.where(woman, often(rng, WOMEN, count), often(rng, MEN, count)) for _ in range(2))
    one["forename"], one["second"] = (
        first.astype(object),
        pd.Series(second).where(rng.random(count) < 0.4, None),
    )
    one["surname"] = often(rng, clean["surname"].unique()[:700], count, 0.6)
    year = rng.integers(1_700, 1_930, count)
    place = rng.integers(0, 160, count)
    one["calling"] = rng.choice(CALLINGS, count).astype(object)
    child = np.flatnonzero(rng.random(count) < 0.125)[1:]
    one.loc[child, "surname"], place[child] = one["surname"].to_numpy()[child - 1], place[child - 1]
    year[child] = year[child - 1] + rng.integers(20, 40, len(child))
    named = child[rng.random(len(child)) < 0.5]
    one.loc[named, ["forename", "sex", "calling"]] = one.loc[
        named - 1, ["forename", "sex", "calling"]
    ].to_numpy()
    towns = clean["suburb"].unique()
    day = pd.to_timedelta(rng.integers(0, 365, count), unit="D") + pd.Timestamp("2001-01-01")
    one["born"] = year.astype(str).astype(object) + day.strftime("%m%d").to_numpy(object)
    one["born_at"], one["near"] = towns[place], towns[200 + place // 8]
    area = np.array(
        [f"{a}{b}" for a, b in zip(clean["surname"].str[0].head(160), range(10, 170), strict=True)], object
    )
    return one.assign(
        postcode=[f"{area[p]} {n}" for p, n in zip(place, rng.integers(100, 999, count), strict=True)]
    )


def mailing(data: Path) -> Labelled:
    """Lists bought from several dealers and read by a scanner: one line for the name, one for the address; couples, new names, moves."""
    rng = np.random.default_rng(52)
    one = damage.families(data, 2_100, rng).reset_index(drop=True)
    one["birth_year"] = one["date_of_birth"].str[:4]
    one["mail"] = (
        one["first_name"]
        + "."
        + one["last_name"]
        + rng.integers(1, 99, len(one)).astype(str)
        + "@post.example"
    )
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.5, 12), rng)
    woman = (rows["sex"] == "female").to_numpy()
    married = damage.changed(rows, ["last_name"], 0.12, rng)
    rows["last_name"] = np.where(woman, married["last_name"], rows["last_name"])
    rows = damage.changed(rows, ["street_number", "street_name", "town", "postcode"], 0.2, rng)
    rows = damage.changed(rows, ["phone"], 0.15, rng)
    rows = damage.cells(rows, ["first_name"], 0.15, damage.called, rng)
    rows = damage.cells(rows, ["first_name", "last_name", "street_name", "town"], 0.1, damage.misspelt, rng)
    rows["name"] = [_headed(row, rng) for row in rows.itertuples()]
    rows = damage.cells(rows, ["street_name"], 0.5, _abbreviated, rng)
    rows["address"] = [_line(row, rng) for row in rows.itertuples()]
    rows = damage.cells(rows, ["name", "address"], 0.2, SMUDGED, rng)
    rows = damage.cells(rows, ["phone"], 0.08, damage.typo, rng)
    rows = damage.cells(rows, ["mail"], 0.08, damage.misspelt, rng)
    columns = ["truth", "name", "address", "phone", "mail", "birth_year"]
    return damage.lost(rows[columns], {"address": 0.08, "phone": 0.5, "mail": 0.6, "birth_year": 0.6}, rng), {
        "truth": "truth", "name": "full name", "address": "full address", "phone": "phone", "mail": "e-mail",
        "birth_year": "date of birth",
    }  # fmt: skip


def _headed(row: object, rng: damage.Rng) -> str:
    """A name as a list heads it."""
    first, last, middle = (getattr(row, f) for f in ("first_name", "last_name", "middle_initial"))
    between = f" {middle}" if isinstance(middle, str) and rng.random() < 0.4 else ""
    title = ("Mrs. " if getattr(row, "sex", "") == "female" else "Mr. ") if rng.random() < 0.2 else ""
    plain = f"{title}{first}{between} {last}"
    return (plain, plain, plain.upper(), f"{last}, {first}{between}", f"{last} {first}")[rng.integers(0, 5)]


def _abbreviated(text: str, _: damage.Rng) -> str:
    return " ".join(
        {"street": "st", "road": "rd", "avenue": "ave", "drive": "dr"}.get(w, w) for w in text.split()
    )


def _line(row: object, rng: damage.Rng) -> str:
    """An address in one line, its parts in one of three orders, some left out."""
    number, street, town, code = (
        getattr(row, f) for f in ("street_number", "street_name", "town", "postcode")
    )
    number = number if isinstance(number, str) else ""
    forms = (
        f"{number} {street}, {town} {code}",
        f"{number} {street} {town}",
        f"{code} {town}; {street} {number}",
    )
    return forms[int(rng.choice(3, p=[0.6, 0.25, 0.15]))].strip()


SETS: Final[dict[str, Callable[[Path], Labelled]]] = {
    "notables": notables, "mailing": mailing, "inventors": patents.inventors, "films": films.films,
    "owners": rolls.owners, "players": rolls.players, "institutions": rolls.institutions,
}  # fmt: skip
HELD_OUT: Final = ("owners",)
