"""Bureau (third party): quarterly reports on people with credit, from all lenders; JSON lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.demo.arrays import NO_DATE, digits, glue
from jobs.demo.block import Block
from jobs.demo.catalogue import CREDIT_CARD, LOAN, MORTGAGE
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style

STYLE = Style("json", "jsonl")
REPORTS = Layout("bureau", "reports", STYLE, (
    Field("report_id"), Field("subject_id"), Field("name"), Field("cert_no"), Field("birth", "date"), Field("phone"),
    Field("reported_on", "date"), Field("score", "int"), Field("lenders", "int"), Field("total_debt", "money"),
    Field("months_overdue", "int"), Field("over_indebted", "bool"),
), totals=("total_debt",))  # fmt: skip
LAYOUTS = (REPORTS,)


def extracts(block: Block) -> Iterator[Extract]:
    """A report at the first credit and every third month after; the bureau's own record of the person."""
    rng, people, life, span, loans = (
        block.streams("bureau"),
        block.people,
        block.life,
        block.span,
        block.loans,
    )
    first = life.owned[:, [CREDIT_CARD, LOAN, MORTGAGE]].min(axis=1)
    who = np.flatnonzero((first < NO_DATE) & (first <= span.end))
    ids = block.keys("BX", len(who), 73)
    created = first[who]
    written = write_down(rng, people, who, created, error=0.7, told=0.65, id_missing=0.0)
    block.know_people("bureau", "reports", ids, who)
    block.written["bureau.reports"] = written
    phase = rng.integers(0, 3, len(who))
    months = np.arange(span.months)
    day = span.month_starts[: span.months] + 4
    due = (
        (months[None, :] % 3 == phase[:, None])
        & (created[:, None] <= day)
        & (life.gone[who][:, None] > day)
        & span.inside(day)
    )
    row, month = np.nonzero(due)
    mine = loans.person >= 0
    late = np.zeros((len(people), span.months), np.int64)
    np.maximum.at(late, loans.person[mine], loans.days_past_due[mine] // 30)
    here = np.zeros((len(people), span.months))
    for each in range(span.months):
        here[:, each] = np.bincount(loans.person[mine], loans.outstanding(int(day[each]))[mine], len(people))
    strain = people.credit_risk[who]
    lenders = 1 + rng.poisson(0.8 * np.exp(0.45 * strain.clip(-3, 3)))
    elsewhere = (
        people.income[who] * 100 * rng.gamma(1.2, 0.5, len(who)) * (lenders - 1) * np.exp(0.25 * strain)
    )
    total = (here[who[row], month] + elsewhere[row] * rng.uniform(0.9, 1.1, len(row))).astype(np.int64)
    overdue = np.maximum(late[who[row], month], rng.binomial(3, 1 / (1 + np.exp(4.2 - strain[row]))))
    score = (640 - 45 * strain[row] - 22 * overdue - 6 * lenders[row] + rng.normal(0, 14, len(row))).clip(
        350, 850
    )
    when = day[month]
    yield Extract(REPORTS, {
        "report_id": glue(ids[row], "-", digits(when, 6)), "subject_id": ids[row], "name": written.name[row],
        "cert_no": written.id_no[row], "birth": written.birth[row], "phone": written.mobile(row, when), "reported_on": when,
        "score": score.astype(np.int64), "lenders": lenders[row], "total_debt": total, "months_overdue": overdue,
        "over_indebted": pa.array(total > people.income[who[row]] * 100 * 4.5),
    }, when)  # fmt: skip
