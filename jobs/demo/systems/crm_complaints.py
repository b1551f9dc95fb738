"""CRM complaints with free text: commas, quotes and line breaks as people write them; CSV, quoted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.demo.arrays import NO_DATE, Ints, Texts, draw, glue, replaced
from jobs.demo.block import Block
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style

STYLE = Style("delimited", "csv", quoted=True)
COMPLAINTS = Layout("crm", "complaints", STYLE, (
    Field("complaint_no", "int"), Field("contact_id"), Field("received_on", "date"), Field("closed_on", "date"), Field("channel"),
    Field("product_code"), Field("severity", "int"), Field("cause"), Field("content"), Field("updated_on", "date"),
))  # fmt: skip
LAYOUTS = (COMPLAINTS,)

# cause: product code, severity, sentences that name it
CAUSES = {
    "fee": ("CD001", 2, ["账户被扣了年费，事先没有任何通知", "小额账户管理费不合理，要求退还", "跨行转账手续费太高了"]),
    "queue": ("DP001", 1, ["网点排队等了一个多小时，只开两个窗口", "周末去网点，叫号机还坏了，没人管", "大堂经理态度冷淡"]),
    "app": ("DP001", 2, ["手机银行登录总是闪退，转账失败", "App更新后找不到转账记录，客服也说不清", "人脸识别通不过，急用钱转不出去"]),
    "card": ("CC001", 2, ["信用卡被盗刷，报案后银行迟迟不处理", "信用卡提额申请被拒，没有说明理由", "账单金额和实际消费对不上"]),
    "loan": ("LN001", 3, ["提前还贷要收违约金，合同里没讲清楚", "房贷利率调整没有通知本人", "催收电话打到家人那里，严重骚扰"]),
    "wealth": ("WM001", 3, ['理财经理说"保本"，结果亏了，要求赔偿', "没有双录就让我买了基金", "赎回的钱三天还没到账"]),
    "service": ("DP001", 1, ["客服电话一直转接，说法前后不一", "信息泄露，总接到推销电话", "要求改手机号，跑了三趟都没办成"]),
}  # fmt: skip
OPENINGS = ["本人{}反映：", "客户来电，", "投诉人称：", "你好，", "再次投诉！"]
ENDINGS = [
    "，请尽快处理。",
    "！\n否则我要销户。",
    "，希望给个说法",
    "。已向监管部门反映。",
    "，太失望了，\n打算把工资卡换到别的银行。",
    "；联系电话请打原号码。",
]


RECORDED = {"cause": 1 / 3, "product": 0.8}
"""Shares of complaints for which the agent filled a field in; the others are left to whoever reads the text."""


def extracts(block: Block, contact_of: Ints, ids: Texts) -> Iterator[Extract]:
    """A row when a complaint comes in, and one when it is closed."""
    yield _complaints(block, contact_of, ids)


def _texts(rng: np.random.Generator, cause: Ints, month: Ints) -> Texts:
    sentences = [group[2] for group in CAUSES.values()]
    middle = np.array([texts[i] for texts in sentences for i in range(3)])[
        cause * 3 + rng.integers(0, 3, len(cause))
    ]
    opening = np.array(OPENINGS)[rng.integers(0, len(OPENINGS), len(cause))]
    opening = replaced(opening, "{}", glue(month.astype(str), "月"))
    return glue(opening, middle, np.array(ENDINGS)[rng.integers(0, len(ENDINGS), len(cause))])


def _told(block: Block, cause: Ints) -> dict[str, Texts]:
    """Cause and product as far as an agent recorded them."""
    rng = block.streams("complaint records")
    whole = {"cause": np.array(list(CAUSES)), "product": np.array([group[0] for group in CAUSES.values()])}
    return {
        field: np.where(rng.random(len(cause)) < RECORDED[field], values[cause], "")
        for field, values in whole.items()
    }


def _complaints(block: Block, contact_of: Ints, ids: Texts) -> Extract:
    rng, span, people, life = block.streams("complaints"), block.span, block.people, block.life
    counts = life.complaints[:, : span.months] * (contact_of >= 0)[:, None]
    who, month = np.nonzero(counts)
    who, month = np.repeat(who, counts[who, month]), np.repeat(month, counts[who, month])
    day = span.month_starts[month] + rng.integers(0, 28, len(who))
    kept = span.inside(day) & (day > people.since[who]) & (day < life.gone[who])
    who, month, day = who[kept], month[kept], day[kept]
    owned = life.owned[who] <= day[:, None]
    weights = np.stack([np.full(len(who), w) for w in (1.0, 1.2, 1.3, 0.2, 0.1, 0.1, 1.0)], axis=1)
    weights[:, 3] += owned[:, 1] * 1.5
    weights[:, 4] += owned[:, [2, 3]].any(axis=1) * 1.5
    weights[:, 5] += owned[:, [4, 5]].any(axis=1) * 1.0
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    cause = (rng.random(len(who))[:, None] > edges).sum(axis=1).clip(0, 6)
    groups = list(CAUSES.values())
    closed = np.where(rng.random(len(who)) < 0.9, day + 1 + rng.poisson(8, len(who)), NO_DATE)
    text = _texts(
        rng,
        cause,
        (span.month_starts[month].astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12) + 1,
    )
    channel = np.array(["网点", "电话", "手机银行", "监管转办"])[draw(rng, 4, len(who), [3, 5, 3, 0.5])]
    severity = (np.array([g[1] for g in groups])[cause] + rng.choice([0, 0, 0, 1], len(who))).clip(1, 4)
    told = _told(block, cause)
    row = np.tile(np.arange(len(who)), 2)
    when = np.concatenate([day, closed])
    row, when = row[when <= span.end], when[when <= span.end]
    return Extract(COMPLAINTS, {
        "complaint_no": block.serials(len(who))[row], "contact_id": ids[contact_of[who]][row], "received_on": day[row],
        "closed_on": np.where(when >= closed[row], closed[row], NO_DATE), "channel": channel[row],
        "product_code": told["product"][row], "severity": severity[row], "cause": told["cause"][row], "content": text[row], "updated_on": when,
    }, when)  # fmt: skip
