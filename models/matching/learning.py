"""Learning from stewards: how many bits each comparison level should add or lose so that the model agrees with them.

A penalised logistic regression on the indicators of the levels, with the model's own weight as offset:

    logit P(one customer) = ln 2 * (weight + b + sum over fields of delta[field, level])

and a normal prior of mean 0 and standard deviation `spread` bits on b and every delta (ridge). The queue chose the
pairs by what the model saw of them, never by the answer; a regression of the answer given the levels stays
consistent under such a choice, where re-estimating m and u from the answers would not (Prentice and Pyke 1979;
Zadrozny 2004). Folds are by records that hang together, so that no answer helps to predict its neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, log2
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conf.matching import Comparison, EntityMatching, Level
from models.matching.decisions import Groups

SPREADS: Final = (0.25, 0.5, 1.0, 2.0)
FOLDS: Final = 5
LEAST_CASES: Final = 20
MOST_SHARE: Final = 0.999
Floats = NDArray[np.float64]
LevelOf = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A scored pair and what a steward said of it. `fields`: field → level (0 = otherwise), missing ones left out."""

    record_l: str
    record_r: str
    weight: float
    fields: Mapping[str, int]
    is_one: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Bits to add: `base` to every pair, `levels` to pairs at a level."""

    base: float
    levels: Mapping[LevelOf, float]

    def weight(self, answer: Answer) -> float:
        """The pair's weight in bits under the corrected model."""
        return answer.weight + self.base + sum(self.levels.get(at, 0.0) for at in answer.fields.items())


@dataclass(frozen=True, slots=True)
class Gain:
    """How well a model agrees with answers: share on the right side of even odds, and the mean log loss in bits."""

    agreement: float
    loss: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """The correction from all answers, and before and after on answers that were held out."""

    fit: Fit
    spread: float
    cases: int
    before: Gain
    after: Gain

    @property
    def is_better(self) -> bool:
        """Whether the held-out answers are better told, by their log loss."""
        return self.after.loss < self.before.loss


def learn(answers: Sequence[Answer]) -> Learnt | None:
    """The correction that answers ask for; None where there are fewer than LEAST_CASES or all say the same.

    The prior's spread is chosen among SPREADS inside each fold's training part, never on what is held out.
    """
    ones = sum(a.is_one for a in answers)
    if len(answers) < LEAST_CASES or ones in (0, len(answers)):
        return None
    told = [0.0] * len(answers)
    for train, held in _folds(answers):
        part = [answers[i] for i in train]
        fit = fitted(part, chosen_spread(part))
        for i in held:
            told[i] = fit.weight(answers[i])
    spread = chosen_spread(answers)
    before = gain(answers, [a.weight for a in answers])
    return Learnt(fitted(answers, spread), spread, len(answers), before, gain(answers, told))


def fitted(answers: Sequence[Answer], spread: float) -> Fit:
    """The most probable correction under the prior."""
    from scipy.optimize import minimize  # noqa: PLC0415 - half a second that no other command should pay

    names = sorted({at for a in answers for at in a.fields.items()})
    place = {name: i + 1 for i, name in enumerate(names)}
    design = np.zeros((len(answers), len(names) + 1))
    design[:, 0] = 1.0
    for row, answer in enumerate(answers):
        for at in answer.fields.items():
            design[row, place[at]] = 1.0
    offset = np.array([a.weight for a in answers])
    sign = np.array([1.0 if a.is_one else -1.0 for a in answers])

    def objective(bits: Floats) -> tuple[float, Floats]:
        margin = log(2) * sign * (offset + design @ bits)
        slope = -log(2) * design.T @ (sign * np.exp(-np.logaddexp(0, margin)))
        return float(
            np.logaddexp(0, -margin).sum() + (bits**2).sum() / (2 * spread**2)
        ), slope + bits / spread**2

    best = minimize(objective, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    return Fit(float(best[0]), {name: float(best[i]) for name, i in place.items()})


def chosen_spread(answers: Sequence[Answer]) -> float:
    """The spread under which answers held out are told best; the smallest among equals."""

    def loss(spread: float) -> float:
        told = [0.0] * len(answers)
        for train, held in _folds(answers):
            fit = fitted([answers[i] for i in train], spread)
            for i in held:
                told[i] = fit.weight(answers[i])
        return gain(answers, told).loss

    return min(SPREADS, key=loss)


def gain(answers: Sequence[Answer], weights: Sequence[float]) -> Gain:
    """Agreement and mean log loss (bits) of weights (bits) with the answers."""
    sign = np.array([1.0 if a.is_one else -1.0 for a in answers])
    margin = sign * np.array(weights)
    return Gain(float((margin > 0).mean()), float(np.logaddexp(0, -margin * log(2)).mean() / log(2)))


def corrected(rules: EntityMatching, fit: Fit) -> EntityMatching:
    """The rules with every level's bits corrected and the prior's odds moved by `base`."""
    comparisons = {name: _corrected(c, name, fit) for name, c in rules.comparisons.items()}
    odds = rules.prior / (1 - rules.prior) * 2**fit.base
    return rules.model_copy(update={"comparisons": comparisons, "prior": odds / (1 + odds)})


def weight_of(level: Level) -> float:
    """Bits that a level adds: log2(m/u)."""
    return log2(level.m / level.u)


def _corrected(comparison: Comparison, name: str, fit: Fit) -> Comparison:
    last = len(comparison.levels) - 1
    levels = tuple(
        _moved(level, fit.levels.get((name, last - i), 0.0)) for i, level in enumerate(comparison.levels)
    )
    return comparison.model_copy(update={"levels": levels})


def _moved(level: Level, bits: float) -> Level:
    """Give the correction to m, as term frequencies stand in for u; what m can't hold below 1 goes to u."""
    m = min(level.m * 2**bits, MOST_SHARE)
    u = min(level.u * (m / level.m) / 2**bits, MOST_SHARE)
    return level.model_copy(update={"m": m, "u": u})


def _folds(answers: Sequence[Answer]) -> Iterable[tuple[list[int], list[int]]]:
    """(train, held out) indices, FOLDS times; answers whose records hang together stay together, largest dealt first."""
    groups = Groups((a.record_l, a.record_r) for a in answers)
    together: dict[str, list[int]] = {}
    for i, answer in enumerate(answers):
        together.setdefault(groups.of(answer.record_l), []).append(i)
    dealt: list[list[int]] = [[] for _ in range(FOLDS)]
    for _, indices in sorted(together.items(), key=lambda item: (-len(item[1]), item[0])):
        min(dealt, key=len).extend(indices)
    everything = range(len(answers))
    for held in dealt:
        kept = set(held)
        yield [i for i in everything if i not in kept], held


def answer_of(row: Mapping[str, Any]) -> Answer:
    """An answer from a row of record_l, record_r, weight, fields (as identity.match_pair) and decision."""
    fields = {f["field"]: int(f["level"]) for f in row["fields"] if f["level"] is not None}
    return Answer(
        row["record_l"], row["record_r"], float(row["weight"]), fields, row["decision"] == "must_link"
    )
