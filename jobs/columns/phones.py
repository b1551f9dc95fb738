"""Phone numbers and e-mail addresses, written one way; placeholders are no number at all."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

FULL_WIDTH: Final = "０１２３４５６７８９＋"
HALF_WIDTH: Final = "0123456789+"
LEAST_DIGITS: Final = 7
NATIONAL_LENGTH: Final = 11


def phone(value: Column, country: str) -> Column:
    """Digits with the country's calling code in front; `country` fills it in. Null for placeholders."""
    plain = F.regexp_replace(F.translate(value, FULL_WIDTH, HALF_WIDTH), r"[^0-9+]", "")
    digits = F.regexp_replace(plain, r"\D", "")
    has_code = plain.startswith("+") | (
        digits.startswith(country) & (F.length(digits) >= NATIONAL_LENGTH + len(country))
    )
    whole = (
        F.when(plain.startswith("00"), F.regexp_replace(digits, "^00", ""))
        .when(has_code, digits)
        .otherwise(F.concat(F.lit(country), F.regexp_replace(digits, "^0", "")))
    )
    # Seven equal digits at the end (13800000000) are typed to get past a form, not dialled.
    usable = (F.length(digits) >= LEAST_DIGITS) & ~digits.rlike(r"(\d)\1{6}$")
    return F.when(usable, whole)


def email(value: Column) -> Column:
    """Lower case, trimmed; null where it isn't an address or is a placeholder's domain."""
    plain = F.lower(F.regexp_replace(value, r"\s", ""))
    return F.when(plain.rlike(r"^[^@]+@[^@]+\.[a-z]{2,}$") & ~plain.rlike(r"^(no|none|test|null)@"), plain)
