"""What the sources, the golden record and the truth state: one row per record, customer or entity and attribute.

All three are written one way first (numbers, phones, blanks, abbreviated streets), so that only contents are
compared. An entity is a person (P…) or a company (O…) of the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from pathlib import Path

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns import ids, phones
from jobs.columns.time import current
from jobs.demo.places import AREA, CITY, DISTRICT, PROVINCE

Read = Callable[[str], DataFrame]

CALLING_CODE = "86"
DESCRIBING = ("sex", "birth_date", "marital_status", "education", "occupation", "industry", "annual_income")
NAMING = ("full_name", "latin_name", "national_id", "mobile", "email", "city", "district", "street")
ATTRIBUTES = (*NAMING, *DESCRIBING)
BEYOND = ("area_code", "customer_since", "age_band", "left")


def by_sources(read: Read) -> pd.DataFrame:
    """party_id, attribute, value: what each source record says now, as the silver tables hold it."""
    party = current(read("silver.party"), "party_id")
    number = F.substring_index(ids.normalised(F.col("scheme"), ids.written(F.col("value"))), ":", -1)
    mobile = F.when(F.col("kind") == "mobile", phones.phone(F.col("value"), CALLING_CODE))
    mail = F.when(F.col("kind") == "email", phones.email(F.col("value")))
    contacts = current(read("silver.contact_point"), "contact_point_id")
    parts = [
        _long(party, "party_id", {name: _described(name) for name in DESCRIBING}),
        _long(
            current(read("silver.party_name"), "party_id"),
            "party_id",
            {"full_name": _text("full_name"), "latin_name": F.upper(_text("latin_name"))},
        ),
        _long(current(read("silver.identifier"), "identifier_id"), "party_id", {"national_id": number}),
        _long(contacts, "party_id", {"mobile": mobile, "email": mail}),
        _long(current(read("silver.address"), "address_id"), "party_id", _places()),
    ]
    living = party.select("party_id")
    every = reduce(DataFrame.unionByName, parts).join(living, on="party_id", how="left_semi")
    return _frame(every.distinct())


def by_golden_record(read: Read) -> pd.DataFrame:
    """customer_id, attribute, value: what survived for each customer."""
    named = {n: _text(n) for n in ("full_name", "latin_name", "national_id", "mobile", "email")}
    identity = _long(read("identity.golden_identity"), "customer_id", named | _places())
    record = _long(
        read("identity.golden_record"), "customer_id", {name: _described(name) for name in DESCRIBING}
    )
    return _frame(identity.unionByName(record))


def by_profile(read: Read) -> pd.DataFrame:
    """customer_id, attribute, value: what the profile says of each customer that the truth knows too."""
    names = ("age_band", "area_code", "customer_since")
    said = {name: _described(name) for name in DESCRIBING} | {name: _text(name) for name in names}
    said["left"] = (F.col("lifecycle_stage") == "lost").cast("string")
    return _frame(_long(read("gold.customer_profile"), "customer_id", said))


def by_truth(truth: Path, day: date, age_bands: tuple[int, ...]) -> pd.DataFrame:
    """entity, attribute, value: `ATTRIBUTES` as they truly are, and what a profile says beyond them on `day`."""
    person = pd.read_parquet(truth / "person.parquet").rename(
        columns={"person_id": "entity", "id_no": "national_id"}
    )
    area = dict(zip(zip(PROVINCE, CITY, DISTRICT, strict=True), AREA, strict=True))
    places = zip(person["region"], person["city"], person["district"], strict=True)
    person["area_code"] = [str(area[place]) for place in places]
    person["mobile"] = CALLING_CODE + person["mobile"]
    person["street"] = person["street"].str.replace("[号栋]", "-", regex=True).str.replace("室", "")
    person["annual_income"] = person["annual_income"].round(-2).astype("int64")
    person["age_band"] = _age_bands(person["birth_date"], day, age_bands)
    person["left"] = person["entity"].isin(_gone(truth, day)).map({True: "true", False: "false"})
    company = pd.read_parquet(truth / "company.parquet")
    company = company.rename(columns={"company_id": "entity", "name": "full_name", "uscc": "national_id"})
    kept = [*ATTRIBUTES, *BEYOND]
    return pd.concat([_melted(person, kept), _melted(company, kept)], ignore_index=True)


def _gone(truth: Path, day: date) -> pd.Series:
    churned = pd.read_parquet(truth / "churned.parquet")
    return churned.loc[pd.to_datetime(churned["gone_on"]) <= pd.Timestamp(day), "person_id"]


def _age_bands(births: pd.Series, day: date, edges: tuple[int, ...]) -> pd.Series:
    born = pd.to_datetime(births)
    later = (born.dt.month > day.month) | ((born.dt.month == day.month) & (born.dt.day > day.day))
    starts = (0, *edges)
    labels = [f"{low}-{high - 1}" for low, high in zip(starts, edges, strict=False)] + [f"{starts[-1]}+"]
    return pd.cut(day.year - born.dt.year - later, [*starts, 999], right=False, labels=labels).astype(str)


def _melted(wide: pd.DataFrame, kept: list[str]) -> pd.DataFrame:
    there = [name for name in kept if name in wide.columns]
    texts = wide[["entity", *there]].astype(dict.fromkeys(there, "string"))
    long = texts.melt(id_vars="entity", var_name="attribute", value_name="value").dropna(subset=["value"])
    return long[long["value"] != ""]


def _long(rows: DataFrame, key: str, values: dict[str, Column]) -> DataFrame:
    wide = rows.select(key, *(value.cast("string").alias(name) for name, value in values.items()))
    return wide.unpivot(key, list(values), "attribute", "value").where("value IS NOT NULL AND value <> ''")


def _described(name: str) -> Column:
    if name == "annual_income":
        return F.round(F.col(name).cast("double"), -2).cast("bigint").cast("string")
    return _text(name)


def _text(name: str) -> Column:
    return F.trim(F.col(name).cast("string"))


def _places() -> dict[str, Column]:
    """A street in full and as tellers abbreviate it (…路12号3栋502室, …路12-3-502) become one."""
    street = F.regexp_replace(F.regexp_replace(_text("street"), "[号栋]", "-"), "室", "")
    return {"city": _text("city"), "district": _text("district"), "street": street}


def _frame(rows: DataFrame) -> pd.DataFrame:
    return pd.DataFrame(rows.toArrow().to_pandas())
