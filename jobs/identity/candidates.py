"""Candidate values in long form: one row per source record and attribute that it states."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns import ids, phones
from jobs.columns.time import current
from jobs.core.shared import shared_and_sent

STATED_IN: Final = ("party", "party_name", "identifier", "contact_point", "address")
"""The frames in which records state values."""
SINGLE: Final = (
    "sex", "birth_date", "nationality", "marital_status", "education", "occupation", "industry", "annual_income",
    "area_code", "customer_since", "manager_id", "branch_id",
)  # fmt: skip
KYC: Final = ("kyc_status", "kyc_expires_on")
ADDRESS: Final = ("region", "city", "district", "street", "postcode")
PLACE: Final = ("region", "city", "district")
NEAREST: Final = ("city", "district", "region")
"""What tells two streets of one name apart: the first that is stated."""
UNIT_MARKS: Final = r"(?<=[0-9a-z])([号號]?[楼樓]|号|號|弄|栋|棟|幢|座|单元|單元|室|房|[#,.;/-])"
"""What stands behind the number of a house, a building or a room: 12号3栋502室, 12-3-502, 12/3."""
CHECKABLE: Final = ("cn.ric", "cn.uscc", "cz.rc")
"""Schemes whose numbers prove themselves."""
ATTRIBUTES: Final = (*SINGLE, "full_name", "latin_name", "national_id", "mobile", "email", "address", "kyc")
"""What a golden record is chosen by; kyc and address are chosen whole."""
TYPED: Final = {"birth_date": "date", "customer_since": "date", "annual_income": "decimal(18,2)"}
"""What isn't text, as it is cast."""
WHOLE_DAY: Final = r"^\d{4}-\d{1,2}-\d{1,2}$"
"""A date to the day: of 1980 alone Spark would make its first day."""
# How strongly a value is verified: stated by a number that proves itself, seen by the source, or neither.
IN_DOCUMENT, SEEN, STATED = 2, 1, 0


def of_customers(crosswalk: DataFrame, **stated_in: Any) -> DataFrame:
    """`candidates` of every live record, with the customer_id and kind that it belongs to."""
    live = crosswalk.where("is_live").select("party_id", "customer_id", "kind")
    return candidates(**stated_in).join(
        shared_and_sent(live, otherwise="shuffle_hash"), on="party_id", how="inner"
    )


def candidates(
    *,
    party: DataFrame,
    party_name: DataFrame,
    identifier: DataFrame,
    contact_point: DataFrame,
    address: DataFrame,
    country: str,
) -> DataFrame:
    """(party_id, source, attribute, value, form, parts, verified, valid_from) from the current state of each source record;
    of a record that is gone other tables may still tell something.

    Attributes that only make sense together (kyc, address) are one candidate, as JSON; `parts` counts what it fills.
    `form` is what counts as the same value: letters' case, blanks and how a street marks house and room are left out.
    """
    numbers = _numbers(identifier)
    seen = numbers.groupBy("party_id").agg(F.max("verified").alias("_seen"))
    live = current(party, "party_id").join(seen, on="party_id", how="left")
    stated = [
        _of_party(live),
        _long(current(party_name, "party_id"), {"full_name": _value("full_name"), "latin_name": _latin()}),
        _of_numbers(numbers),
        _of_contacts(current(contact_point, "contact_point_id"), country),
        _long(
            current(address, "address_id"),
            {"address": _together(ADDRESS)},
            parts=_filled(ADDRESS),
            form=_place(),
        ),
    ]
    return reduce(DataFrame.unionByName, stated)


def as_stated(words: DataFrame, country: str) -> DataFrame:
    """`words` (attribute, value, …) with what a record that states it would be a candidate by: stated, form, parts.

    All null where the value is none of the attribute's. An address is JSON with any of ADDRESS, a national_id
    `scheme:number`.
    """
    parted = words.withColumns({n: F.get_json_object("value", f"$.{n}") for n in ADDRESS})
    is_address = F.col("attribute") == "address"
    told = parted.withColumns(
        {
            "stated": F.when(is_address, _together(ADDRESS)).otherwise(_plainly(country)),
            "parts": F.when(is_address, _filled(ADDRESS)).otherwise(1),
        }
    )
    form = F.coalesce(F.when(is_address, _place()), _written("stated"))
    return told.withColumn("form", F.when(F.col("stated").isNotNull(), form)).drop(*ADDRESS)


def _plainly(country: str) -> Column:
    """A word's value as records' values are written, by its attribute."""
    value, attribute = _value("value"), F.col("attribute")
    scheme, number = F.lower(F.substring_index(value, ":", 1)), ids.written(F.substring_index(value, ":", -1))
    made = (
        F.when(attribute == "mobile", phones.phone(value, country))
        .when(attribute == "email", phones.email(value))
        .when(attribute == "latin_name", F.upper(value))
        .when(attribute == "national_id", F.when(value.contains(":"), _proved(scheme, number)))
    )
    for name, type_ in TYPED.items():
        whole = value.rlike(WHOLE_DAY) if type_ == "date" else F.lit(True)
        made = made.when(attribute == name, F.when(whole, value.try_cast(type_)).cast("string"))
    return made.otherwise(value)


def _proved(scheme: Column, number: Column) -> Column:
    """`scheme:number` where nothing speaks against it: a number that could prove itself does."""
    sound = ~scheme.isin(*CHECKABLE) | ids.is_checked(scheme, number)
    return F.when(sound, ids.normalised(scheme, number))


def _of_party(live: DataFrame) -> DataFrame:
    values = {name: _value(name) for name in SINGLE} | {"kyc": _together(KYC)}
    return _long(live, values, verified=F.coalesce("_seen", F.lit(STATED)))


def _numbers(identifier: DataFrame) -> DataFrame:
    written = current(identifier, "identifier_id").withColumn("_number", ids.written(F.col("value")))
    scheme, number = F.col("scheme"), F.col("_number")
    upgraded = F.when(scheme == "cn.ric", ids.upgraded_resident_id(number)).otherwise(number)
    return written.withColumns(
        {
            "number": F.when(number.isNotNull(), _proved(scheme, number)),
            "_checked": ids.is_checked(scheme, number),
            "_upgraded": upgraded,
            "verified": F.when(F.coalesce("verified", F.lit(False)), SEEN).otherwise(STATED),
        }
    )


def _of_numbers(numbers: DataFrame) -> DataFrame:
    """The number itself where nothing speaks against it, and what a resident id says of birth and sex."""
    is_resident = (F.col("scheme") == "cn.ric") & F.col("_checked")
    birth = F.when(is_resident, ids.resident_birth_date(F.col("_upgraded")).cast("string"))
    sex = F.when(is_resident, ids.resident_sex(F.col("_upgraded")))
    level = F.when(F.col("_checked"), IN_DOCUMENT).otherwise(F.col("verified"))
    return _long(numbers, {"national_id": F.col("number"), "birth_date": birth, "sex": sex}, verified=level)


def _of_contacts(contacts: DataFrame, country: str) -> DataFrame:
    mobile = F.when(F.col("kind") == "mobile", phones.phone(F.col("value"), country))
    mail = F.when(F.col("kind") == "email", phones.email(F.col("value")))
    return _long(contacts, {"mobile": mobile, "email": mail})


def _long(
    rows: DataFrame,
    values: dict[str, Column],
    *,
    parts: Column | None = None,
    verified: Column | None = None,
    form: Column | None = None,
) -> DataFrame:
    stated = F.array(*(F.struct(F.lit(n).alias("attribute"), v.alias("value")) for n, v in values.items()))
    spread = rows.select(
        "party_id",
        "source",
        "valid_from",
        (form if form is not None else F.lit(None)).alias("_form"),
        (parts if parts is not None else F.lit(1)).cast("int").alias("parts"),
        (verified if verified is not None else F.lit(STATED)).cast("int").alias("verified"),
        F.explode(F.filter(stated, lambda one: one["value"].isNotNull())).alias("_stated"),
    )
    return spread.select(
        "party_id",
        "source",
        "_stated.attribute",
        "_stated.value",
        F.coalesce("_form", _written("_stated.value")).alias("form"),
        "parts",
        "verified",
        "valid_from",
    )


def _value(name: str) -> Column:
    text = F.trim(F.col(name).cast("string"))
    return F.when(text != "", text)


def _written(name: str) -> Column:
    """A text as it is compared: without blanks and letters' case."""
    return F.lower(F.regexp_replace(name, r"\s", ""))


def _latin() -> Column:
    return F.upper(_value("latin_name"))


def _together(names: tuple[str, ...]) -> Column:
    """The parts as JSON without the missing ones, null where the first two are missing."""
    parts = F.to_json(F.struct(*(_value(n).alias(n) for n in names)))
    return F.when(F.coalesce(*(_value(n) for n in names)).isNotNull(), parts)


def _place() -> Column:
    """An address as it is compared: city, and the street with its house and room, however units are marked; without a street,
    the place.
    """
    place = F.lower(F.concat_ws("|", *(_value(n) for n in PLACE)))
    street, city = _street(), F.lower(F.coalesce(*(_value(n) for n in NEAREST), F.lit("")))
    return F.coalesce(F.when(street != "", F.concat(city, F.lit("|"), street)), F.when(place != "", place))


def _street() -> Column:
    bare = F.regexp_replace(F.lower(_value("street")), r"\s", "")
    return F.regexp_replace(F.regexp_replace(bare, UNIT_MARKS, "-"), "-$", "")


def _filled(names: tuple[str, ...]) -> Column:
    return reduce(lambda a, b: a + b, (F.when(_value(n).isNotNull(), 1).otherwise(0) for n in names))
