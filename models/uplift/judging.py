"""Whether to rank a campaign by effects: figures with intervals, and a gate against a rule, a response model and chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.core.bootstrap import CONFIDENCE, Interval, Rows, intervals
from models.core.metrics import Floats
from models.uplift.curves import Trial, area, effect, perfect_area, slope, uplift_at

TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Order:
    """How well one order of customers does; intervals of 95 %. `lead`: ours less its `area`, on the same resamples.

    `qini` is nan where outcomes are numbers; `area` and `uplift_30` are in the outcome's unit.
    """

    name: str
    qini: Interval
    area: Interval
    uplift_30: Interval
    lead: Interval | None


@dataclass(frozen=True, slots=True)
class Tenth:
    """Customers of one tenth by foretold effect, highest first: the mean foretold, and what the trial shows."""

    foretold: float
    seen: Interval


@dataclass(frozen=True, slots=True)
class Report:
    """Rows, the mean effect, every order, the tenths, and the verdict in words.

    `slope`: how much of the foretold differences is real (1: all). `use`: the order to rank by: `effects`, a rival's
    name, or `none` where nothing beats chance.
    """

    rows: int
    treated: int
    effect: Interval
    slope: Interval
    orders: Sequence[Order]
    tenths: Sequence[Tenth]
    use: str
    reason: str


def judged(
    trial: Trial,
    effects: Mapping[str, Floats],
    ours: str,
    rivals: Mapping[str, Floats],
    *,
    draws: int,
    seed: int,
    group: npt.NDArray[Any] | None = None,
    confidence: float = CONFIDENCE,
) -> Report:
    """`effects` by learner, of which `ours` is judged; `rivals`: other scores to rank by (higher first).

    `group`: rows of one customer are resampled together.
    """
    scores = {**effects, **rivals}

    def figures(rows: Rows, _: Rows) -> list[float]:
        part = trial.at(rows)
        best = perfect_area(part)
        areas = {name: area(part, score[rows]) for name, score in scores.items()}
        shares = [uplift_at(part, score[rows]) for score in scores.values()]
        leads = [areas[ours] - found for found in areas.values()]
        whole = [effect(part), slope(part, effects[ours][rows])]
        return [*whole, *(a / best for a in areas.values()), *areas.values(), *shares, *leads]

    mean, real, *found = intervals(
        figures, len(trial.y), group=group, draws=draws, confidence=confidence, seed=seed
    )
    orders = _orders(list(scores), ours, found)
    use, reason = _verdict({o.name: o for o in orders}, ours, list(rivals))
    tenths = _tenths(trial, effects[ours], draws, seed)
    return Report(len(trial.y), int(trial.t.sum()), mean, real, orders, tenths, use, reason)


def _orders(names: Sequence[str], ours: str, found: Sequence[Interval]) -> list[Order]:
    """From all Qini coefficients, then all areas, uplifts and leads, in the order of the names."""
    size = len(names)
    columns = [found[i * size : (i + 1) * size] for i in range(4)]
    return [
        Order(name, q, a, u, None if name == ours else lead)
        for name, q, a, u, lead in zip(names, *columns, strict=True)
    ]


def _verdict(orders: Mapping[str, Order], ours: str, rivals: Sequence[str]) -> tuple[str, str]:
    """Ours only where it is ahead of chance and of every rival beyond noise; else the best rival that beats chance."""
    own = orders[ours].area
    proven = sorted((n for n in rivals if orders[n].area.low > 0), key=lambda n: -orders[n].area.value)
    if not own.low > 0:
        told = f"effects do not beat random order beyond noise: area {own}"
    else:
        behind = [n for n in rivals if not _ahead(orders[n])]
        if not behind:
            return "effects", "effects beat random order" + "".join(f" and the {n}" for n in rivals)
        told = f"effects do not beat the {behind[0]} beyond noise: ahead by {orders[behind[0]].lead}"
        if all(orders[n].area.value < own.value for n in behind) and not proven:
            return "effects", f"{told}; but only effects beat random order"
    if proven:
        return proven[0], f"{told}; rank by the {proven[0]}"
    return "none", f"{told}; nothing beats it: treat everyone, or nobody, by the mean effect"


def _ahead(rival: Order) -> bool:
    return rival.lead is not None and math.isfinite(rival.lead.value) and rival.lead.low > 0


def _tenths(trial: Trial, effects: Floats, draws: int, seed: int) -> list[Tenth]:
    parts = np.array_split(np.argsort(-effects, kind="stable"), TENTHS)
    return [_tenth(trial.at(part), effects[part], draws, seed) for part in parts]


def _tenth(trial: Trial, effects: Floats, draws: int, seed: int) -> Tenth:
    [seen] = intervals(lambda rows, _: [effect(trial.at(rows))], len(effects), draws=draws, seed=seed)
    return Tenth(float(effects.mean()), seen)
