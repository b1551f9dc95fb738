"""What the bank sells and runs: products, branches, relationship managers and campaigns, the same for every block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import Ints, Texts, digits, glue, replaced
from jobs.demo.places import AREA, CITY, DISTRICT, draw_districts
from jobs.demo.span import Span

KINDS = ("term_deposit", "credit_card", "consumer_loan", "mortgage", "fund", "wealth", "insurance")
"""What customers adopt one after the other; each kind has a few products in the catalogue."""
TERM, CREDIT_CARD, LOAN, MORTGAGE, FUND, WEALTH, INSURANCE = range(7)


@dataclass(frozen=True)
class Product:
    """One product of the catalogue: margin a year, fee in yuan a year, who may have it."""

    code: str
    name: str
    family: str
    margin: float
    fee: float
    risk: int
    min_age: int
    max_age: int
    min_income: int
    on_sale: bool = True
    kind: str = ""


PRODUCTS = (
    Product("DP001", "活期账户", "deposit", 0.018, 0, 1, 16, 120, 0),
    Product("DP002", "储蓄账户", "deposit", 0.015, 0, 1, 16, 120, 0),
    Product("DP003", "单位结算账户", "deposit", 0.016, 360, 1, 0, 120, 0),
    Product("TD012", "定期存款一年", "deposit", 0.008, 0, 1, 16, 120, 0, kind="term_deposit"),
    Product("TD036", "定期存款三年", "deposit", 0.006, 0, 1, 16, 120, 0, kind="term_deposit"),
    Product("CD001", "借记卡", "card", 0.0, 10, 1, 16, 120, 0),
    Product("CC001", "信用卡普卡", "card", 0.045, 60, 1, 18, 65, 30_000, kind="credit_card"),
    Product("CC002", "信用卡金卡", "card", 0.05, 120, 1, 20, 65, 80_000, kind="credit_card"),
    Product("CC003", "信用卡白金卡", "card", 0.055, 600, 1, 25, 65, 200_000, kind="credit_card"),
    Product("LN001", "个人消费贷款", "loan", 0.045, 0, 1, 20, 60, 40_000, kind="consumer_loan"),
    Product("LN002", "汽车贷款", "loan", 0.035, 0, 1, 20, 60, 60_000, kind="consumer_loan"),
    Product("LN003", "住房按揭贷款", "loan", 0.016, 0, 1, 22, 65, 60_000, kind="mortgage"),
    Product("LN004", "小微企业贷款", "loan", 0.03, 0, 1, 0, 120, 0),
    Product("FD001", "货币市场基金", "fund", 0.003, 0, 1, 18, 120, 0, kind="fund"),
    Product("FD002", "债券基金", "fund", 0.006, 0, 2, 18, 120, 0, kind="fund"),
    Product("FD003", "混合基金", "fund", 0.011, 0, 3, 18, 80, 0, kind="fund"),
    Product("FD004", "股票基金", "fund", 0.013, 0, 4, 18, 75, 0, kind="fund"),
    Product("FD005", "行业主题基金", "fund", 0.015, 0, 5, 18, 70, 0, kind="fund"),
    Product("WM001", "稳健理财", "wealth", 0.006, 0, 2, 18, 120, 0, kind="wealth"),
    Product("WM002", "平衡理财", "wealth", 0.009, 0, 3, 18, 80, 100_000, kind="wealth"),
    Product("WM003", "私享进取理财", "wealth", 0.013, 0, 4, 25, 75, 300_000, kind="wealth"),
    Product("WM009", "旧版稳健理财", "wealth", 0.005, 0, 2, 18, 120, 0, on_sale=False),
    Product("IN001", "意外伤害保险", "insurance", 0.0, 120, 1, 18, 70, 0, kind="insurance"),
    Product("IN002", "重大疾病保险", "insurance", 0.0, 900, 1, 18, 60, 40_000, kind="insurance"),
    Product("IN003", "年金保险", "insurance", 0.0, 1500, 2, 25, 65, 100_000, kind="insurance"),
)
OF_KIND = tuple(tuple(p for p in PRODUCTS if p.kind == kind) for kind in KINDS)
MARGINS = {p.code: p.margin for p in PRODUCTS}
FEES = {p.code: p.fee for p in PRODUCTS}


@dataclass(frozen=True)
class Campaign:
    """One campaign: which kind of product it offers, over which channel, in which month of the span."""

    code: str
    kind: int
    product: str
    channel: str
    purpose: str
    month: int
    starts: int
    ends: int
    cost: float


def campaigns(span: Span) -> list[Campaign]:
    """A campaign every second month, taking the product kinds in turn."""
    made = []
    kinds = (FUND, CREDIT_CARD, LOAN, WEALTH, TERM, INSURANCE)
    for number, month in enumerate(range(1, span.months, 2)):
        starts = int(span.month_starts[month]) + 7
        if starts > span.end:
            break
        kind = kinds[number % len(kinds)]
        channel, cost = (("sms", 0.05), ("app", 0.01), ("call", 4.0))[number % 3]
        code = OF_KIND[kind][0].code
        made.append(
            Campaign(
                f"CP{number + 1:04d}", kind, code, channel, "marketing", month, starts, starts + 30, cost
            )
        )
    return made


@dataclass(frozen=True)
class Network:
    """The bank's branches and employees; `opened` is a day number long before the span."""

    branch: Texts
    name: Texts
    area: Texts
    district: Ints
    employee: Texts
    post: Ints
    role: Texts
    opened: int


def network(seed: int, span: Span, customers: int) -> Network:
    """Branches in proportion to the customers, each with a head, a teller and relationship managers."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2**31,)))
    size = int(np.clip(customers // 2500, 8, 600))
    district = draw_districts(rng, size)
    branch = glue("B", digits(np.arange(size) + 1, 4))
    name = glue(
        replaced(CITY[district], "市", ""),
        replaced(DISTRICT[district], "区", ""),
        "第",
        (np.arange(size) + 1).astype(np.str_),
        "支行",
    )
    post = np.repeat(np.arange(size), 6)
    role = np.tile(np.array(["head", "teller", "manager", "manager", "manager", "manager"]), size)
    employee = glue("E", digits(np.arange(size * 6) + 1, 5))
    return Network(branch, name, AREA[district], district, employee, post, role, span.start - 6000)


def choose_products(
    kind: int, income: np.ndarray, age: np.ndarray, risk: np.ndarray, luck: np.ndarray
) -> Texts:
    """The product of `kind` that suits each person: the last of the ladder that they qualify for, mostly."""
    chosen = np.full(len(income), OF_KIND[kind][0].code)
    for step, product in enumerate(OF_KIND[kind][1:], start=1):
        fits = (income >= product.min_income) & (age >= product.min_age) & (age <= product.max_age)
        fits &= (risk >= product.risk) | (product.family not in {"fund", "wealth"})
        chosen = np.where(fits & (luck * len(OF_KIND[kind]) > step * 0.8), product.code, chosen)
    return chosen
