"""What a source writes down about a person: one entry per source record, as wrong and as late as the field reports.

Errors stick to a record; changes of phone and address reach each source late or never.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from jobs.demo import names
from jobs.demo.arrays import NO_DATE, NO_NUMBER, Bools, Floats, Ints, Texts, draw, glue, replaced
from jobs.demo.ids import characters, old_resident_ids
from jobs.demo.people import EDUCATIONS, MARITAL, OCCUPATIONS, People
from jobs.demo.places import Addresses
from jobs.demo.span import day_number
from jobs.demo.written import Written

DEFAULT_BIRTH = -25567
"""1900-01-01: what tellers type when they don't know."""
NEVER_TOLD = NO_DATE
SHORT_IDS_UNTIL_BORN, SHORT_IDS_UNTIL = day_number(date(1990, 1, 1)), day_number(date(2013, 1, 1))
"""Who may still stand under a 15-digit id, and until when it was common to enter one."""


def _hit(rng: np.random.Generator, size: int, rate: Floats | float) -> Bools:
    return np.asarray(rng.random(size) < rate)


def _names(rng: np.random.Generator, people: People, who: Ints, rate: Floats) -> tuple[Texts, Texts]:
    """Names with homophones, wrong, lost or swapped characters, pinyin and traditional forms."""
    size = len(who)
    surname, first, second = people.surname[who], people.given[who], people.given2[who]
    kind = draw(rng, 8, size, [0.4, 0.12, 0.14, 0.06, 0.06, 0.1, 0.12, 0.0001])
    bad = _hit(rng, size, 0.115 * rate)
    two = second != names.NO_CHARACTER
    sound = bad & (kind == 0)
    second = np.where(sound & two, names.CHARACTER_ALIKE[second], second)
    first = np.where(sound & ~two, names.CHARACTER_ALIKE[first], first)
    other = names.draw_characters(rng, people.female[who])
    first = np.where(bad & (kind == 1), other, first)
    second, lost = np.where(bad & (kind == 2) & two, other, second), bad & (kind == 3) & two
    second = np.where(lost, names.NO_CHARACTER, second)
    swapped = bad & (kind == 4) & two
    first, second = np.where(swapped, second, first), np.where(swapped, first, second)
    surname = np.where(bad & (kind == 6), names.SURNAME_ALIKE[surname], surname)
    written = names.full_names(surname, first, second)
    written = np.where(_hit(rng, size, 0.006 * rate), names.traditional(written), written)
    pinyin = (bad & (kind == 5)) | people.foreign[who]
    latin = np.where(people.foreign[who], people.latin_name[who], names.latin_names(surname, first, second))
    return np.where(pinyin, latin, written), latin


def _digit_slip(rng: np.random.Generator, texts: Texts, width: int, first: int, bad: Bools) -> Texts:
    """Swap two neighbouring digits, or mistype one, in the marked texts of exactly `width` characters."""
    rows = np.flatnonzero(bad & (np.strings.str_len(texts) == width))
    if len(rows) == 0:
        return texts
    cells = characters(texts[rows], width).copy()
    place, each = rng.integers(first, width - 2, len(rows)), np.arange(len(rows))
    swap = rng.random(len(rows)) < 0.55
    left, right = cells[each, place].copy(), cells[each, place + 1].copy()
    wrong = rng.integers(0, 10, len(rows)).astype("<U1")
    cells[each, place] = np.where(swap, right, wrong)
    cells[each, place + 1] = np.where(swap, left, right)
    slipped = texts.copy()
    slipped[rows] = np.ascontiguousarray(cells).view(f"<U{width}").reshape(len(rows))
    return slipped


def _id_numbers(
    rng: np.random.Generator, people: People, who: Ints, created: Ints, rate: Floats, missing: float
) -> Texts:
    """Identity numbers: 15 digits on old records, slips, a lower-case x, stray blanks, nothing at all."""
    size = len(who)
    number = people.id_no[who]
    resident = people.id_type[who] == 1
    old = resident & (people.birth[who] < SHORT_IDS_UNTIL_BORN)
    old &= _hit(rng, size, np.where(created < SHORT_IDS_UNTIL, 0.22, 0.03))
    number = np.where(
        old, old_resident_ids(np.where(resident, number, people.id_no[who][0])) if size else number, number
    )
    number = _digit_slip(rng, number, 18, 6, _hit(rng, size, 0.045 * rate))
    number = np.where(_hit(rng, size, 0.3), np.strings.lower(number), number)
    number = np.where(_hit(rng, size, 0.01 * rate), glue(number, " "), number)
    return np.where(_hit(rng, size, missing), "", number)


def _births(rng: np.random.Generator, birth: Ints, rate: Floats) -> Ints:
    size = len(birth)
    kind = draw(rng, 4, size, [0.4, 0.25, 0.2, 0.15])
    bad = _hit(rng, size, 0.065 * rate)
    month = birth.astype("datetime64[D]").astype("datetime64[M]")
    day = birth - month.astype("datetime64[D]").astype(np.int64)
    number = month.astype(np.int64) % 12
    swapped = (month - number + day.clip(0, 11)).astype("datetime64[D]").astype(np.int64) + number
    wrong = np.select(
        [kind == 0, kind == 1, kind == 2],
        [swapped, birth + rng.integers(-9, 10, size), birth + 3653 * rng.choice([-1, 1], size)],
        DEFAULT_BIRTH,
    )
    return np.where(bad, wrong, birth)


def _told(rng: np.random.Generator, changed: Ints, created: Ints, share: float) -> Ints:
    """From when a record carries the new value: at once if it began later, after a while, or never."""
    told = changed + rng.integers(0, 60, len(changed))
    told = np.where(_hit(rng, len(changed), share), told, NEVER_TOLD)
    never_changed = changed == NO_DATE
    return np.where(never_changed, -NO_DATE, np.where(created >= changed, -NO_DATE, told))


def _mobiles(rng: np.random.Generator, people: People, who: Ints, rate: Floats) -> tuple[Texts, Texts]:
    """New and old numbers as written: a parent's or spouse's phone, slips, country codes, nothing."""
    size = len(who)
    family = np.where(people.parent[who] >= 0, people.parent[who], people.spouse[who])
    age = people.age(people.since)[who]
    shared = (family >= 0) & _hit(rng, size, np.where((age > 60) | (age < 22), 0.14, 0.035) * rate)
    slip, form, missing = (
        _hit(rng, size, 0.03 * rate),
        draw(rng, 3, size, [0.93, 0.04, 0.03]),
        _hit(rng, size, 0.05 * rate),
    )
    both = []
    for column in (people.mobile, people.old_mobile):
        number = np.where(shared, people.mobile[family], column[who])
        number = _digit_slip(rng, number, 11, 3, slip)
        dashed = glue(
            np.strings.slice(number, 3),
            "-",
            np.strings.slice(number, 3, 7),
            "-",
            np.strings.slice(number, 7, 11),
        )
        number = np.select([form == 1, form == 2], [glue("+86", number), dashed], number)
        both.append(np.where(missing, "", number))
    return both[0], both[1]


def _addresses(rng: np.random.Generator, place: Addresses, rate: Floats) -> Addresses:
    """Addresses with a wrong house, building or room number here and there."""
    size = len(rate)
    number = np.where(_hit(rng, size, 0.025 * rate), place.number + rng.integers(1, 30, size), place.number)
    building = np.where(_hit(rng, size, 0.02 * rate), rng.integers(1, 31, size), place.building)
    room = np.where(
        _hit(rng, size, 0.03 * rate), place.room + rng.choice([-100, 100, 1, 10], size), place.room
    )
    return Addresses(place.district, place.street, number, building, room)


def _miscoded(rng: np.random.Generator, truth: Ints, kinds: int, wrong: Floats, missing: float) -> Ints:
    size = len(truth)
    coded = np.where(_hit(rng, size, wrong), rng.integers(0, kinds, size), truth)
    return np.where(_hit(rng, size, missing), NO_NUMBER, coded)


def write_down(
    rng: np.random.Generator, people: People, who: Ints, created: Ints, *, again: Bools | None = None,
    error: float = 1.0, told: float = 0.6, id_missing: float = 0.02, demography: float = 1.0,
) -> Written:  # fmt: skip
    """Write the people `who` down in a source whose error rates are `error` times the usual; twice that for repeats.

    `told` is the share of changes of life that reach the source, `demography` the carelessness about occupation,
    education, marriage and income (a source that asks for documents is far better than one that guesses).
    """
    size = len(who)
    repeat = np.zeros(size, bool) if again is None else again
    rate = error * np.where(repeat, 2.0, 1.0)
    guess = demography * np.where(repeat, 1.5, 1.0)
    name, latin = _names(rng, people, who, rate)
    new_mobile, old_mobile = _mobiles(rng, people, who, rate)
    female = np.where(_hit(rng, size, 0.022 * rate), ~people.female[who], people.female[who])
    income = people.income[who] * np.where(
        _hit(rng, size, 0.26 * guess), rng.choice([0.5, 0.7, 0.8, 1.3], size), 1.0
    )
    email = np.where(
        _hit(rng, size, 0.08 * rate), replaced(people.email[who], ".com", ".con"), people.email[who]
    )
    phone_known = _told(rng, people.phone_changed[who], created, told)
    phone_known = np.where(repeat & (people.phone_changed[who] < NO_DATE), NEVER_TOLD, phone_known)
    return Written(
        person=who, created=created, name=name, latin=latin,
        female=np.where(_hit(rng, size, 0.02), NO_NUMBER, female.astype(np.int64)),
        birth=np.where(_hit(rng, size, 0.01 * rate), NO_DATE, _births(rng, people.birth[who], rate)),
        id_type=people.id_type[who],
        id_no=_id_numbers(rng, people, who, created, rate, id_missing),
        new_mobile=new_mobile, old_mobile=old_mobile, phone_known=phone_known,
        new_address=_addresses(rng, people.address.take(who), rate),
        old_address=_addresses(rng, people.old_address.take(who), rate),
        address_known=_told(rng, people.moved[who], created, told), address_short=_hit(rng, size, 0.12 * rate),
        address_missing=_hit(rng, size, 0.06 * rate), email=np.where(_hit(rng, size, 0.25), "", email),
        occupation=_miscoded(rng, people.occupation[who], len(OCCUPATIONS), 0.2 * guess, 0.06),
        education=_miscoded(rng, people.education[who], len(EDUCATIONS), 0.16 * guess, 0.08),
        marital=_miscoded(rng, people.marital[who], len(MARITAL), 0.2 * guess, 0.05),
        income=np.where(_hit(rng, size, 0.1), np.nan, np.round(income, -2)),
    )  # fmt: skip
