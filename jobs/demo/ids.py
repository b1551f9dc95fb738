"""Identifiers: resident ids (GB 11643), unified social credit codes (GB 32100), mobile numbers."""

from __future__ import annotations

import numpy as np

from jobs.demo.arrays import Bools, Ints, Texts, digits, glue, pick, replaced

RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
RESIDENT_CHECKS = np.array(list("10X98765432"))
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
ORGANISATION_CHECKS = np.array(list("0X987654321"))
MOBILE_PREFIXES = [
    "134",
    "135",
    "136",
    "137",
    "138",
    "139",
    "147",
    "150",
    "151",
    "152",
    "157",
    "158",
    "159",
    "178",
    "182",
    "183",
    "187",
    "188",
    "198",
    "130",
    "131",
    "132",
    "155",
    "156",
    "166",
    "175",
    "176",
    "185",
    "186",
    "133",
    "149",
    "153",
    "173",
    "177",
    "180",
    "181",
    "189",
    "199",
]


def characters(texts: Texts, width: int) -> np.ndarray:
    """Texts of at least `width` characters as a matrix of single characters."""
    cut = np.ascontiguousarray(texts.astype(f"<U{width}"))
    return cut.view("<U1").reshape(len(cut), width)


def compact(days: Ints) -> Texts:
    """Day numbers as YYYYMMDD."""
    return replaced(np.datetime_as_string(days.astype("datetime64[D]")), "-", "")


def resident_check(body: Texts) -> Texts:
    """The check character of 17-digit resident-id bodies (ISO 7064 MOD 11-2)."""
    return np.asarray(RESIDENT_CHECKS[characters(body, 17).astype(np.int64) @ RESIDENT_WEIGHTS % 11])


def resident_ids(area: Texts, birth: Ints, female: Bools, order: Ints) -> Texts:
    """18-digit resident ids; `order` 0 … 499 is the person's number among those born there that day."""
    body = glue(area, compact(birth), digits(order * 2 + np.where(female, 0, 1), 3))
    return glue(body, resident_check(body))


def old_resident_ids(ids: Texts) -> Texts:
    """The 15-digit form that was issued until 1999: no century, no check character."""
    cells = characters(ids, 18)
    return np.ascontiguousarray(np.delete(cells, [6, 7, 17], axis=1)).view("<U15").reshape(len(ids))


def credit_code_check(body: Texts) -> Texts:
    """The check character of 17-character unified social credit codes (MOD 31)."""
    place = np.zeros(128, dtype=np.int64)
    place[[ord(c) for c in CREDIT_ALPHABET]] = np.arange(31)
    codes = np.ascontiguousarray(body.astype("<U17")).view(np.uint32).reshape(len(body), 17)
    total = place[codes] @ CREDIT_WEIGHTS % 31
    return np.asarray(np.array(list(CREDIT_ALPHABET))[(31 - total) % 31])


def credit_codes(area: Texts, serial: Ints) -> Texts:
    """Unified social credit codes of companies: registered by the market authority, organisation code checked."""
    organisation = digits(serial, 8)
    total = characters(organisation, 8).astype(np.int64) @ ORGANISATION_WEIGHTS % 11
    body = glue("91", area, organisation, ORGANISATION_CHECKS[total])
    return glue(body, credit_code_check(body))


def mobiles(rng: np.random.Generator, size: int) -> Texts:
    """Mobile numbers with real operators' prefixes."""
    return glue(pick(rng, MOBILE_PREFIXES, size), digits(rng.integers(0, 10**8, size), 8))


def passports(rng: np.random.Generator, size: int) -> Texts:
    """Passport numbers of several shapes."""
    return glue(pick(rng, ["E", "G", "K", "P", "N"], size), digits(rng.integers(0, 10**8, size), 8))
