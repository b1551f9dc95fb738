"""The labelled sets: a table and what its columns mean. Nothing else is told to the matcher."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

USUAL: Final = Path(__file__).resolve().parents[2] / "shared/data/matching"
Labelled = tuple[pd.DataFrame, dict[str, str]]
FEBRL: Final = {
    "rec_id": "key", "truth": "truth", "given_name": "given name", "surname": "family name",
    "street_number": "house number", "address_1": "street", "address_2": "street", "suburb": "town",
    "postcode": "postcode", "state": "region", "date_of_birth": "date of birth", "soc_sec_id": "national id",
}  # fmt: skip
FAKE: Final = {
    "unique_id": "key", "cluster": "truth", "first_name": "given name", "surname": "family name",
    "dob": "date of birth", "city": "town", "email": "e-mail",
}  # fmt: skip
PP7: Final = {
    "unique_id": "key", "cluster": "truth", "src": "source", "first_name": "given name",
    "middle_initial": "middle name", "last_name": "family name", "date_of_birth": "date of birth", "age": "number",
    "sex": "sex", "ssn": "national id", "street_number": "house number", "street_name": "street",
    "unit_number": "unit", "city": "town", "state": "region", "zipcode": "postcode",
}  # fmt: skip


def febrl(*numbers: str) -> Callable[[Path], Labelled]:
    """FEBRL's made Australians; several files are sources."""

    def load(data: Path) -> Labelled:
        parts = [_febrl(data / f"febrl/dataset{n}.csv").assign(file=n) for n in numbers]
        return pd.concat(parts, ignore_index=True), FEBRL | ({"file": "source"} if len(parts) > 1 else {})

    return load


def _febrl(file: Path) -> pd.DataFrame:
    table = pd.read_csv(file, dtype=str, skipinitialspace=True)
    return table.assign(truth=table["rec_id"].str.split("-").str[1])


SETS: Final[dict[str, Callable[[Path], Labelled]]] = {
    "febrl1": febrl("1"),
    "febrl2": febrl("2"),
    "febrl3": febrl("3"),
    "febrl4": febrl("4a", "4b"),
    "fake_1000": lambda data: (pd.read_csv(data / "fake_1000.csv", dtype=str), FAKE),
    "pp7": lambda data: (pd.read_parquet(data / "pp7.parquet"), PP7),
}


def book(lake: Path, truth: Path) -> tuple[pd.Series, pd.Series]:
    """A lake's crosswalk of people, and which records are one person in truth."""
    from conf.settings import load_settings  # noqa: PLC0415 - Spark only for a lake
    from jobs.core.session import start  # noqa: PLC0415

    walk = start(load_settings()).read.format("delta").load(str(lake / "identity/crosswalk"))
    found: pd.DataFrame = (
        walk.where("kind = 'person'").select("party_id", "customer_id").toArrow().to_pandas()
    )
    people = duckdb.read_parquet(str(truth / "record_person.parquet")).df()
    known = people.assign(party_id=people["system"] + "|" + people["key"]).drop_duplicates("party_id")
    both = found.merge(known, on="party_id")
    return both["customer_id"], both["person_id"]
