"""The bank's true corporate customers: one entry per organisation of a block, with owners, managers and staff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import NO_DATE, Floats, Ints, Streams, Texts, digits, draw, glue, replaced
from jobs.demo.ids import credit_codes
from jobs.demo.people import YEAR, People
from jobs.demo.places import AREA, CITY, Addresses, draw_addresses, draw_districts
from jobs.demo.span import Span

PEOPLE_PER_COMPANY = 25
BRANDS = [
    "华信",
    "恒通",
    "鼎盛",
    "金源",
    "博远",
    "天成",
    "宏达",
    "瑞丰",
    "中联",
    "泰和",
    "新锐",
    "东升",
    "海纳",
    "嘉禾",
    "盛世",
    "卓越",
    "启航",
    "明德",
    "长青",
    "万邦",
    "联创",
    "德美",
    "亿达",
    "众诚",
]
SUFFIXES = ["兴", "隆", "达", "泰", "丰", "源", "捷", "宝", "润", "佳", "科", "创", "安", "康", "顺", "益"]
INDUSTRIES = {
    "科技": "technology", "贸易": "trade", "建筑工程": "construction", "电子": "manufacturing", "餐饮管理": "hospitality",
    "物流": "transport", "医疗器械": "health", "教育咨询": "education", "机械制造": "manufacturing", "食品": "manufacturing",
    "房地产开发": "real_estate", "农业发展": "agriculture",
}  # fmt: skip
FORMS = ("有限公司", "有限责任公司", "股份有限公司")
PAYROLL_OCCUPATIONS = (1, 2, 3, 5)


@dataclass
class Companies:
    """Arrays of one entry per company; money in yuan."""

    first: int
    code: Texts
    city: Texts
    brand: Texts
    trade: Texts
    form: Texts
    industry: Texts
    address: Addresses
    founded: Ints
    since: Ints
    capital: Floats
    turnover: Floats
    phone: Texts
    legal_rep: Ints
    payday: Ints
    borrowed: Ints
    holder_company: Ints
    holder_person: Ints
    held: Ints
    share: Floats
    held_since: Ints

    def __len__(self) -> int:
        return len(self.code)

    @property
    def ids(self) -> Texts:
        """The truth's company ids."""
        return glue("O", digits(np.arange(len(self)) + self.first, 7))

    @property
    def name(self) -> Texts:
        """The registered name: 杭州恒通兴科技有限公司."""
        return glue(replaced(self.city, "市", ""), self.brand, self.trade, self.form)

    @property
    def bracketed_name(self) -> Texts:
        """The same name with the town in brackets, as often written."""
        return glue(self.brand, self.trade, "（", replaced(self.city, "市", ""), "）", self.form)

    @property
    def short_name(self) -> Texts:
        """The name without town and legal form."""
        return glue(self.brand, self.trade)


def _shares(
    rng: np.random.Generator, size: int, people: Ints, founded: Ints
) -> tuple[Ints, Ints, Ints, Floats, Ints]:
    """Up to three holders for each company, a fifth of them companies: held, person or -1, company or -1, share."""
    holders = draw(rng, 3, size, [0.4, 0.4, 0.2]) + 1
    held = np.repeat(np.arange(size), holders)
    weight = rng.gamma(1.2, 1.0, len(held)) + 0.05
    share = weight / np.bincount(held, weight, minlength=size)[held]
    company = np.where((rng.random(len(held)) < 0.2) & (size > 1), rng.integers(0, size, len(held)), -1)
    company = np.where(company == held, -1, company)
    person = np.where(company < 0, people[rng.integers(0, len(people), len(held))], -1)
    return held, person, company, np.round(share, 4), founded[held]


def make_companies(streams: Streams, span: Span, people: People, first: int) -> Companies:
    """Draw the block's companies, and tell salaried people where they work."""
    rng = streams("companies")
    size = max(2, len(people) // PEOPLE_PER_COMPANY)
    district = draw_districts(rng, size)
    trade = np.array(list(INDUSTRIES))[rng.integers(0, len(INDUSTRIES), size)]
    founded = span.start - (365 + rng.gamma(2, 4, size) * YEAR).clip(365, 35 * YEAR).astype(np.int64)
    since = np.minimum(founded + (rng.random(size) ** 2 * 3000).astype(np.int64), span.end)
    adults = np.flatnonzero((people.age(span.start) > 26) & (people.since <= span.start) & ~people.foreign)
    adults = adults if len(adults) else np.arange(len(people))
    held, person, company, share, when = _shares(rng, size, adults, founded)
    turnover = rng.lognormal(14.2, 1.3, size)
    staff = np.flatnonzero(np.isin(people.occupation, PAYROLL_OCCUPATIONS) & (rng.random(len(people)) < 0.85))
    people.employer[staff] = draw(rng, size, len(staff), (turnover**0.6).tolist())
    borrowed = rng.integers(span.start - 500, span.end + 1, size)
    return Companies(
        first=first, code=credit_codes(AREA[district], rng.integers(0, 10**8, size)), city=CITY[district],
        brand=glue(np.array(BRANDS)[rng.integers(0, len(BRANDS), size)],
                   np.array(SUFFIXES)[rng.integers(0, len(SUFFIXES), size)]),
        trade=trade, form=np.array(FORMS)[draw(rng, 3, size, [0.8, 0.12, 0.08])],
        industry=np.array([INDUSTRIES[t] for t in trade.tolist()]), address=draw_addresses(rng, district),
        founded=founded, since=since, capital=np.round(turnover * rng.uniform(0.1, 0.6, size), -4).clip(10_000),
        turnover=turnover, phone=glue("0", digits(rng.integers(20, 900, size), 3), "-", digits(rng.integers(10**7, 9 * 10**7, size), 8)),
        legal_rep=adults[rng.integers(0, len(adults), size)], payday=rng.integers(5, 26, size),
        borrowed=np.where((rng.random(size) < 0.2) & (borrowed > since), borrowed, NO_DATE),
        held=held, holder_person=person, holder_company=company, share=share, held_since=when,
    )  # fmt: skip
