"""The bank's true customers: one entry per person of a block, in households, with lives and changes of life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo import names
from jobs.demo.arrays import NO_DATE, Bools, Floats, Ints, Streams, Texts, digits, draw, glue, replaced
from jobs.demo.ids import mobiles, passports, resident_ids
from jobs.demo.places import AREA, Addresses, draw_addresses, draw_districts
from jobs.demo.span import Span

YEAR = 365.25
GROWTH = 0.09
"""Share of the customers who joined in each of the last years."""
OCCUPATIONS = (
    "student",
    "employee",
    "manager",
    "civil_servant",
    "self_employed",
    "worker",
    "retired",
    "unemployed",
)
EDUCATIONS = ("primary", "secondary", "college", "bachelor", "master")
MARITAL = ("single", "married", "divorced", "widowed")
MAIL_HOSTS = ("qq.com", "163.com", "126.com", "sina.com", "139.com", "outlook.com")


@dataclass
class People:
    """Arrays of one entry per person; days are day numbers, incomes yuan a year."""

    first: int
    household: Ints
    role: Ints
    spouse: Ints
    parent: Ints
    female: Bools
    birth: Ints
    surname: Ints
    given: Ints
    given2: Ints
    foreign: Bools
    full_name: Texts
    latin_name: Texts
    id_type: Ints
    id_no: Texts
    mobile: Texts
    old_mobile: Texts
    phone_changed: Ints
    address: Addresses
    old_address: Addresses
    moved: Ints
    email: Texts
    occupation: Ints
    education: Ints
    marital: Ints
    income: Floats
    since: Ints
    satisfaction: Floats
    activity: Floats
    digital: Floats
    risk_level: Ints
    credit_risk: Floats
    wealth: Floats
    employer: Ints

    def __len__(self) -> int:
        return len(self.birth)

    @property
    def ids(self) -> Texts:
        """The truth's person ids."""
        return glue("P", digits(np.arange(len(self)) + self.first, 8))

    def age(self, day: int | Ints) -> Floats:
        """Age in years on a day."""
        return np.asarray((day - self.birth) / YEAR)


def _households(rng: np.random.Generator, size: int) -> tuple[Ints, Ints, Ints]:
    """Household number, role (0 head, 1 spouse, 2 grown-up child) and household size of each person."""
    sizes = draw(rng, 3, size, [0.45, 0.35, 0.2]) + 1
    house = np.repeat(np.arange(size), sizes)[:size]
    starts = np.searchsorted(house, house)
    return house, np.arange(size) - starts, np.bincount(house, minlength=size)[house]


def _births(rng: np.random.Generator, span: Span, role: Ints, head: Ints, sizes: Ints) -> Ints:
    size = len(role)
    age = 20 + 62 * rng.beta(1.7, 2.6, size)
    age = np.where(sizes == 3, np.maximum(age, 44 + 10 * rng.random(size)), age)
    age = np.where(role == 1, np.maximum(21, age[head] + rng.normal(-1, 3, size)), age)
    age = np.where(role == 2, np.clip(age[head] - 25 - 5 * rng.random(size), 18, 60), age)
    return (span.start - age * YEAR).astype(np.int64)


def _since(rng: np.random.Generator, span: Span, birth: Ints) -> Ints:
    """When each person became a customer: some within the span, most in the fifteen years before."""
    size = len(birth)
    years = (span.end - span.start + 1) / YEAR
    new = rng.random(size) < 1 - np.exp(-GROWTH * years)
    before = span.start - 1 - (rng.gamma(1.6, 3.2, size) * YEAR).clip(0, 18 * YEAR)
    during = span.start + rng.integers(0, span.end - span.start + 1, size)
    return np.maximum(np.where(new, during, before), birth + int(17 * YEAR)).astype(np.int64)


def _occupations(rng: np.random.Generator, age: Floats) -> Ints:
    work = draw(rng, 5, len(age), [0.42, 0.12, 0.1, 0.14, 0.22]) + 1
    work = np.where(rng.random(len(age)) < 0.04, 7, work)
    work = np.where((age < 23) & (rng.random(len(age)) < 0.7), 0, work)
    return np.where(age > 59, np.where(rng.random(len(age)) < 0.9, 6, work), work)


def _incomes(rng: np.random.Generator, age: Floats, occupation: Ints, education: Ints, area: Texts) -> Floats:
    level = np.array([0.25, 1.0, 1.9, 1.25, 1.2, 0.75, 0.6, 0.2])[occupation]
    level = level * np.array([0.7, 0.85, 1.0, 1.3, 1.7])[education]
    level = level * np.where(np.isin(area, ["11", "31", "44", "33", "32"]), 1.25, 0.85)
    growth = 1 + 0.012 * (age.clip(22, 55) - 22)
    yearly = np.round(62_000 * level * growth * rng.lognormal(0, 0.42, len(age)), -2)
    return np.asarray(yearly.clip(6_000, None))


def _changes(rng: np.random.Generator, span: Span, size: int, share: float) -> Ints:
    """Days on which something changed once between four years before the span and its end."""
    day = rng.integers(span.start - 1461, span.end + 1, size)
    return np.where(rng.random(size) < share, day, NO_DATE)


def make_people(streams: Streams, span: Span, first: int, size: int) -> People:
    """Draw `size` people; `first` is the number of the block's first person in the whole bank."""
    rng = streams("people")
    house, role, sizes = _households(rng, size)
    head = np.searchsorted(house, house)
    birth = _births(rng, span, role, head, sizes)
    age = (span.start - birth) / YEAR
    female = rng.random(size) < 0.5
    female = np.where(role == 1, ~female[head], female)
    surname = names.draw_surnames(rng, size)
    father = np.where(female[head], head + 1, head).clip(0, size - 1)
    surname = np.where(role == 2, surname[father], surname)
    given, given2 = names.draw_characters(rng, female), names.draw_characters(rng, female)
    given2 = np.where(rng.random(size) < 0.16, names.NO_CHARACTER, given2)
    full, latin = names.full_names(surname, given, given2), names.latin_names(surname, given, given2)
    id_type = draw(rng, 3, size, [0.985, 0.009, 0.006]) + 1
    foreign = id_type == 2
    pools = (names.FOREIGN_GIVEN, names.FOREIGN_FAMILY)
    alien = [np.array(pool)[rng.integers(0, len(pool), size)] for pool in pools]
    alien_name = np.strings.upper(glue(alien[1], " ", alien[0]))
    origin = AREA[draw_districts(rng, size)]
    ric = resident_ids(origin, birth, female, rng.integers(0, 500, size))
    permit = glue("H", digits(rng.integers(0, 10**8, size), 8))
    id_no = np.where(foreign, passports(rng, size), np.where(id_type == 3, permit, ric))
    address = draw_addresses(rng, draw_districts(rng, size)).take(head)
    near = np.where(rng.random(size) < 0.7, address.district, draw_districts(rng, size))
    moved = np.where(role == 2, NO_DATE, _changes(rng, span, size, 0.28)[head])
    education = draw(rng, 5, size, [0.08, 0.3, 0.27, 0.28, 0.07])
    occupation = _occupations(rng, age)
    income = _incomes(rng, age, occupation, education, AREA[address.district].astype("<U2"))
    alone = np.where(age < 28, 0, draw(rng, 4, size, [0.5, 0.2, 0.2, 0.1]))
    marital = np.where((role < 2) & (sizes > 1), 1, np.where(role == 2, 0, alone))
    mail = glue(np.strings.lower(replaced(latin, " ", "")), digits(rng.integers(0, 10_000, size), 3))
    digital = (rng.beta(2, 2, size) * (1.25 - age.clip(20, 85) / 100)).clip(0, 0.98)
    spouse = np.where(role == 0, np.where(sizes > 1, head + 1, -1), np.where(role == 1, head, -1))
    return People(
        first=first, household=house, role=role, spouse=np.where(spouse < size, spouse, -1),
        parent=np.where(role == 2, head, -1), female=female, birth=birth, surname=surname, given=given,
        given2=given2, foreign=foreign, full_name=np.where(foreign, alien_name, full),
        latin_name=np.where(foreign, alien_name, latin), id_type=id_type, id_no=id_no,
        mobile=mobiles(rng, size), old_mobile=mobiles(rng, size), phone_changed=_changes(rng, span, size, 0.33),
        address=address, old_address=draw_addresses(rng, near).take(head), moved=moved,
        email=glue(mail, "@", np.array(MAIL_HOSTS)[draw(rng, 6, size, [5, 3, 1, 1, 1, 1])]),
        occupation=occupation, education=education, marital=marital, income=income,
        since=_since(rng, span, birth), satisfaction=rng.normal(0, 1, size),
        activity=rng.lognormal(-0.18, 0.6, size), digital=digital,
        risk_level=draw(rng, 5, size, [0.2, 0.3, 0.27, 0.16, 0.07]) + 1,
        credit_risk=rng.normal(0, 1, size) - 0.5 * np.log(income / 80_000),
        wealth=income * rng.lognormal(-0.2, 1.15, size) * (age.clip(20, 70) / 42) ** 1.5,
        employer=np.full(size, -1),
    )  # fmt: skip
