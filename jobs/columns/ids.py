"""Identity numbers: written one way, upgraded from old forms, and checked against their own check digits."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS: Final = "10X98765432"
CREDIT_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
FULL_WIDTH: Final = "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
HALF_WIDTH: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OLD_RESIDENT_LENGTH: Final = 15


def written(value: Column) -> Column:
    """Capital letters and digits only, full-width ones made plain; null where nothing is left."""
    plain = F.regexp_replace(F.translate(F.upper(value), FULL_WIDTH, HALF_WIDTH), "[^0-9A-Z]", "")
    return F.when(plain != "", plain)


def resident_check(body: Column) -> Column:
    """The check character of a 17-digit resident-id body (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = F.lit(0)
    for place, weight in enumerate(RESIDENT_WEIGHTS, 1):
        total = total + (F.ascii(F.substring(body, place, 1)) - 48) * weight
    return F.lit(RESIDENT_CHECKS).substr(total % 11 + 1, F.lit(1))


def upgraded_resident_id(value: Column) -> Column:
    """The 18-character form of a 15-digit resident id (issued until 1999, all born in 19xx); others unchanged."""
    body = F.concat(F.substring(value, 1, 6), F.lit("19"), F.substring(value, 7, 9))
    return F.when(value.rlike(r"^\d{15}$"), F.concat(body, resident_check(body))).otherwise(value)


def is_resident_id(value: Column) -> Column:
    """Whether an 18-character resident id has a real birth date and the right check character.

    The region code is not held against it: codes were re-issued, and most real ids with a right check
    character would fail a strict look-up by birth year.
    """
    shaped = value.rlike(r"^\d{17}[\dX]$")
    checked = resident_check(F.substring(value, 1, 17)) == F.substring(value, 18, 1)
    return F.coalesce(shaped & checked & resident_birth_date(value).isNotNull(), F.lit(False))


def resident_birth_date(value: Column) -> Column:
    """The birth date that an 18-character resident id states, null where it isn't a date."""
    return F.try_to_timestamp(F.substring(value, 7, 8), F.lit("yyyyMMdd")).cast("date")


def resident_sex(value: Column) -> Column:
    """M or F as the 17th digit of an 18-character resident id says: odd for men."""
    digit = F.substring(value, 17, 1)
    return F.when(digit.rlike(r"\d"), F.when(F.ascii(digit) % 2 == 1, "M").otherwise("F"))


def is_credit_code(value: Column) -> Column:
    """Whether a unified social credit code has the right check character (GB 32100-2015, MOD 31)."""
    alphabet, total = F.lit(CREDIT_CODE_ALPHABET), F.lit(0)
    for place, weight in enumerate(CREDIT_CODE_WEIGHTS, 1):
        total = total + (F.position(F.substring(value, place, 1), alphabet) - 1) * weight
    expected = alphabet.substr((F.lit(31) - total % 31) % 31 + 1, F.lit(1))
    shaped = value.rlike(f"^[{CREDIT_CODE_ALPHABET}]{{18}}$")
    return F.coalesce(shaped & (expected == F.substring(value, 18, 1)), F.lit(False))


def is_birth_number(value: Column) -> Column:
    """Whether a ten-digit Czech birth number divides by eleven (Act 133/2000)."""
    return F.coalesce(value.rlike(r"^\d{10}$") & (value.try_cast("bigint") % 11 == 0), F.lit(False))


def normalised(scheme: Column, number: Column) -> Column:
    """`scheme:number` for a written number, so that equal documents are equal strings."""
    return F.concat(
        scheme, F.lit(":"), F.when(scheme == "cn.ric", upgraded_resident_id(number)).otherwise(number)
    )


def is_checked(scheme: Column, number: Column) -> Column:
    """Whether a written number proves itself: full-length as delivered, with its own check digits right."""
    return F.coalesce(
        F.when(scheme == "cn.ric", is_resident_id(number))
        .when(scheme == "cn.uscc", is_credit_code(number))
        .when(scheme == "cz.rc", is_birth_number(number)),
        F.lit(False),
    )
