"""One goal: learnt from its older campaigns, judged on later ones, and whether its effects may be used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from conf.models import GateSpec, UpliftSpec
from models.core.encoding import Matrix, matrix
from models.core.metrics import NAN, Floats
from models.core.proxies import MOST_ROWS, proxies
from models.core.splits import buckets
from models.uplift.curves import Trial
from models.uplift.estimating import ALL, cross_fitted
from models.uplift.goal import Goal
from models.uplift.judging import Order, Report, judged
from models.uplift.learners import LEARNERS, Base, response
from models.uplift.scale import scale_of

KEYS: Final = ("customer_id", "campaign_id", "treated", "label", "_rule")
"""Columns beside the features."""
RESPONSE, RULE, CHAMPION = "response model", "rule", "champion"
QUANTILES: Final = np.linspace(0, 1, 1001)
Z: Final = 1.96
UNLIKE: Final = 3.0
"""Standard errors by which a campaign's share treated differs beyond chance."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A goal's record, how it did on later campaigns, how well features foretell who was treated (AUC, .5: not at all), and
    why it may not be used (None: it may).
    """

    goal: Goal
    report: Report
    foretold: float
    assigned: float
    refusal: str | None

    @property
    def orders(self) -> dict[str, Order]:
        """The orders compared, by name."""
        return {o.name: o for o in self.report.orders}


@dataclass(frozen=True, slots=True)
class Rows:
    """Customers of some campaigns: features, arm and outcome, the rule's score."""

    table: pa.Table
    trial: Trial
    rule: Floats
    customers: npt.NDArray[Any]

    @classmethod
    def of(cls, table: pa.Table, seed: int) -> Rows:
        """From a table with KEYS; rows that make a campaign's arms unlike the others' are left out."""
        kept = table.filter(pa.array(evened(table, seed)))
        y, t, rule = (_floats(kept, n) for n in ("label", "treated", "_rule"))
        return cls(kept, Trial(y, t), np.where(np.isnan(rule), -np.inf, rule), _texts(kept, "customer_id"))

    def x(self, features: tuple[str, ...]) -> Matrix:
        """Rows × features."""
        return matrix(self.table, features)


def learn_goal(train: pa.Table, later: pa.Table, before: Goal | None, spec: UpliftSpec, as_of: str) -> Judged:
    """Three learners on `train`, judged on `later` against the response model, the rule and the goal in force."""
    seed = spec.learn.seed
    past, now = Rows.of(train, seed), Rows.of(later, seed)
    features = _varying(train)
    x, base = past.x(features), Base(binary=True, categorical=(), seed=seed)
    fold = buckets(past.customers, spec.learn.folds, seed)
    unseen, _, _ = cross_fitted(x, past.trial, base, spec.learn.folds, fold)
    scale = scale_of(past.trial, np.mean(list(unseen.values()), axis=0))
    given = (x, past.trial.t, past.trial.y, base)
    learners = {name: learner(*given) for name, learner in LEARNERS.items()}
    goal = Goal(features, learners, scale, (), False, as_of)
    rivals = {RESPONSE: response(*given)(now.x(features)), RULE: now.rule}
    if before is not None and set(before.features) <= set(later.column_names):
        rivals[CHAMPION] = before.effect(before.effects(now.x(before.features)))
    each = goal.effects(now.x(features))
    effect = goal.effect(each)
    report = _report(now, each, effect, rivals, spec)
    assigned = _assigned(past, now, features, seed)
    refusal = _by_choice(assigned, now, past, spec) or not_better(report, list(rivals), spec.gate)
    quantiles = tuple(map(float, np.quantile(effect, QUANTILES)))
    made = Goal(features, learners, scale, quantiles, refusal is None, as_of)
    return Judged(made, report, float(effect.mean()), assigned, refusal)


def not_better(report: Report, rivals: list[str], gate: GateSpec) -> str | None:
    """Why effects may not be used: unless ahead of random order and of every rival beyond noise."""
    orders = {o.name: o for o in report.orders}
    if not orders[ALL].area.low > gate.min_margin:
        return f"effects do not beat random order beyond noise: area {orders[ALL].area}"
    for name in rivals:
        lead = orders[name].lead
        if lead is None or not lead.low > gate.min_margin:
            return f"effects do not beat the {name} beyond noise: ahead by {lead}"
    return None


def evened(table: pa.Table, seed: int) -> npt.NDArray[np.bool_]:
    """Which rows to keep so that each campaign treats the same share: else what a campaign has in common would pass for
    an effect. Only campaigns whose share differs beyond chance lose rows of the arm that is too large.
    """
    t, campaign = _floats(table, "treated") > 0, _texts(table, "campaign_id")
    place = buckets(_texts(table, "customer_id"), 1_000_000, seed)
    keep, share = np.ones(len(t), dtype=bool), float(t.mean()) if len(t) else 0.0
    for code in np.unique(campaign):
        mine = campaign == code
        here, error = float(t[mine].mean()), math.sqrt(share * (1 - share) / mine.sum())
        if error and abs(here - share) > UNLIKE * error:
            large = mine & (t if here > share else ~t)
            odds = share / (1 - share) if here > share else (1 - share) / share
            rows = np.flatnonzero(large)[np.argsort(place[large], kind="stable")]
            keep[rows[int(odds * (mine & ~large).sum()) :]] = False
    return keep


def _report(
    now: Rows, each: dict[str, Floats], effect: Floats, rivals: dict[str, Floats], spec: UpliftSpec
) -> Report:
    return judged(
        now.trial,
        {**each, ALL: effect},
        ALL,
        rivals,
        draws=spec.gate.draws,
        seed=spec.learn.seed,
        group=now.customers,
        confidence=spec.gate.confidence,
    )


def _assigned(past: Rows, now: Rows, features: tuple[str, ...], seed: int) -> float:
    """How well features foretell who was treated, on one row a customer: whoever is always held out is no pattern."""
    x = np.concatenate([past.x(features), now.x(features)])
    t, who = np.concatenate([past.trial.t, now.trial.t]), np.concatenate([past.customers, now.customers])
    first = np.unique(who, return_index=True)[1]
    found = proxies(x[first], features, {}, {"treated": t[first].astype(object)}, seed=seed)
    return found[0].auc if found else NAN


def _by_choice(auc: float, now: Rows, past: Rows, spec: UpliftSpec) -> str | None:
    """Refused where features foretell the treatment better than chance can in so few rows (Hanley and McNeil 1982)."""
    t = np.concatenate([past.trial.t, now.trial.t])
    size = min(len(np.unique(np.concatenate([past.customers, now.customers]))), MOST_ROWS)
    inside = max(1.0, size * float(t.mean()))
    outside = max(1.0, size - inside)
    noise = Z * math.sqrt((size + 1) / (12 * inside * outside))
    most = spec.label.max_assigned_auc
    if math.isnan(auc) or auc <= most + noise:
        return None
    return f"treatment was not assigned by chance: features foretell it with AUC {auc:.3f}, at most {most} allowed"


def _varying(table: pa.Table) -> tuple[str, ...]:
    """Features that tell customers apart."""
    return tuple(n for n in table.column_names if n not in KEYS and len(table[n].unique()) > 1)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def _texts(table: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=object)
