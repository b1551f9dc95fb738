"""What one training of uplift gives: every goal learnt and judged, one champion of those that passed, one card."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from models.core.bootstrap import Interval
from models.core.calibration import Calibration
from models.core.card import Report
from models.core.champions import Champion
from models.core.encoding import usable
from models.core.fitting import BUCKETS, TrainingResult
from models.core.gate import Verdict
from models.core.slices import UNKNOWN, Slice
from models.core.splits import Split
from models.core.tracking import Native
from models.uplift.estimating import ALL
from models.uplift.goal import GOALS, Goal, goals_of
from models.uplift.learning import CHAMPION, KEYS, RESPONSE, RULE, Judged, learn_goal
from models.uplift.native import Effects
from models.uplift.windows import Campaign, Window, cases

if TYPE_CHECKING:
    from models.uplift.train import Ready

NO_FEATURES: Final = (*KEYS, "goal", "as_of", "assigned_on")
PASSED: Final = "effects beat random order, the response model and the rule"


def result(ready: Ready, book: DataFrame, as_of: date, champion: Champion | None) -> TrainingResult:
    """Learn and judge each goal; a goal that is refused keeps the record in force."""
    before = goals_of(champion)
    found = {w.goal: _learnt(ready, w, book, before.get(w.goal), as_of) for w in ready.windows}
    kept = {n: g for n, g in _kept(found, before).items() if n in ready.spec.label.goals}
    goals = {**{n: j.goal for n, j in found.items()}, **kept}
    verdict = _verdict(ready, found)
    figures = _figures(found, verdict)
    compared = {f"{name}.assigned_auc": j.assigned for name, j in found.items() if math.isfinite(j.assigned)}
    record = _champion(ready, goals, as_of, {**{n: i.value for n, i in figures.items()}, **compared})
    report = _report(ready, found, figures, compared)
    native = Native(Effects(record), tuple(sorted(goals)))
    return TrainingResult(record, verdict, _params(ready, goals), report, native)


def _learnt(ready: Ready, part: Window, book: DataFrame, before: Goal | None, as_of: date) -> Judged:
    train, later = (collected(ready, part.goal, c, book) for c in (part.train, part.later))
    return learn_goal(train, later, before, ready.spec, as_of.isoformat())


def collected(ready: Ready, goal: str, campaigns: tuple[Campaign, ...], book: DataFrame) -> pa.Table:
    """The campaigns' customers with KEYS and features, whole customers within the configured cap: driver memory stays bounded."""
    learn = ready.spec.learn
    rows = ready.rows.where((F.col("goal") == goal) & F.col("campaign_id").isin([c.code for c in campaigns]))
    share = learn.max_rows / max(1, sum(c.rows for c in campaigns))
    if share < 1:
        bucket = F.pmod(F.xxhash64(F.lit(learn.seed), "customer_id"), F.lit(BUCKETS))
        rows = rows.where(bucket < int(BUCKETS * share))
    joined = rows.join(book, on=["customer_id", "as_of"], how="inner")
    rule = F.expr(ready.spec.label.rule).cast("double").alias("_rule")
    features = usable(joined, NO_FEATURES, learn.excluded)
    table = joined.select("customer_id", "campaign_id", "treated", "label", rule, *features).toArrow()
    return table.sort_by([("campaign_id", "ascending"), ("customer_id", "ascending")])


def _kept(found: Mapping[str, Judged], before: Mapping[str, Goal]) -> dict[str, Goal]:
    """Records in force of goals that weren't learnt anew, or were refused."""
    return {name: goal for name, goal in before.items() if name not in found or found[name].refusal}


def _verdict(ready: Ready, found: Mapping[str, Judged]) -> Verdict:
    """Promoted where at least one goal passed; figures are those of the goal that did best."""
    best = _best(found)
    rivals = [best.orders[name].qini.value for name in (RESPONSE, RULE)]
    before = best.orders.get(CHAMPION)
    told = {name: j.refusal or PASSED for name, j in found.items()} | ready.refused
    return Verdict(
        model=ready.model.name,
        cases=sum(cases(w.train) for w in ready.windows),
        needed=ready.spec.gate.min_cases,
        metric=ready.spec.gate.metric,
        value=best.orders[ALL].qini.value,
        baseline=max(rivals),
        champion=None if before is None else before.qini.value,
        promoted=any(j.refusal is None for j in found.values()),
        reason="; ".join(f"{name}: {why}" for name, why in sorted(told.items())),
    )


def _best(found: Mapping[str, Judged]) -> Judged:
    return max(found.values(), key=lambda j: (j.refusal is None, j.orders[ALL].qini.low))


def _figures(found: Mapping[str, Judged], verdict: Verdict) -> dict[str, Interval]:
    """Every goal's figures under its name, and the gate's metric of the goal that did best."""
    told = {verdict.metric: _best(found).orders[ALL].qini}
    for name, j in found.items():
        told[f"{name}.effect"], told[f"{name}.slope"] = j.report.effect, j.report.slope
        for order in j.report.orders:
            own = "" if order.name == ALL else f"{order.name.replace(' ', '_')}."
            told[f"{name}.{own}qini"], told[f"{name}.{own}uplift_30"] = order.qini, order.uplift_30
            if order.lead is not None:
                told[f"{name}.{own}lead"] = order.lead
    return told


def _champion(ready: Ready, goals: Mapping[str, Goal], as_of: date, metrics: Mapping[str, float]) -> Champion:
    """One record of all goals; those that didn't pass stand in it to be looked at, and don't score."""
    return Champion(
        name=ready.model.name,
        version=0,
        as_of=as_of.isoformat(),
        horizon_months=ready.spec.horizon_months,
        booster="",
        features=tuple(sorted({f for goal in goals.values() for f in goal.features})),
        categories={},
        calibration=Calibration(),
        quantiles=(),
        metrics={n: v for n, v in metrics.items() if math.isfinite(v)},
        extra={GOALS: {name: goal.to_json() for name, goal in goals.items()}},
    )


def _report(
    ready: Ready, found: Mapping[str, Judged], figures: Mapping[str, Interval], compared: Mapping[str, float]
) -> Report:
    train = tuple(c for w in ready.windows for c in w.train)
    later = tuple(c for w in ready.windows for c in w.later)
    dates = [tuple(sorted({d for c in part for d in c.dates})) for part in (train, later)]
    return Report(
        split=Split(dates[0], dates[1], purged=True),
        horizon_months=ready.spec.horizon_months,
        cases=cases(train),
        later_cases=cases(later),
        rows=(sum(c.rows for c in train), sum(c.rows for c in later)),
        figures=figures,
        compared=compared,
        slices=[s for name, j in found.items() for s in _slices(name, j)],
        groups=(),
        gaps=(),
        selected=ready.spec.fairness.selected,
    )


def _slices(name: str, j: Judged) -> list[Slice]:
    """The goal as a whole, and its tenths by foretold effect: the effect that the later campaigns show."""
    whole = Slice("goal", name, j.report.rows, j.report.effect.value, j.foretold, j.orders[ALL].qini)
    tenths = enumerate(j.report.tenths, 1)
    size = j.report.rows // 10
    return [
        whole,
        *(Slice(f"tenth, {name}", str(n), size, t.seen.value, t.foretold, UNKNOWN) for n, t in tenths),
    ]


def _params(ready: Ready, goals: Mapping[str, Goal]) -> dict[str, Any]:
    told: dict[str, Any] = {"horizon_months": ready.spec.horizon_months, "seed": ready.spec.learn.seed}
    for w in ready.windows:
        told[f"{w.goal}.train_campaigns"] = ", ".join(c.code for c in w.train)
        told[f"{w.goal}.later_campaigns"] = ", ".join(c.code for c in w.later)
    for name, goal in goals.items():
        told[f"{name}.features"], told[f"{name}.passed"] = len(goal.features), goal.passed
    return told
