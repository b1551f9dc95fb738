"""Fairness: who is selected, who is missed, and whether the score means the same in every group.

Of each group of a sensitive attribute: the selection rate, the true and false positive rates of the selection, and
calibration (mean probability less the rate of cases). Of a value a case is a row among the share with the highest
outcomes, as large as the selected one, and calibration is the mean of what was foretold too much, by the mean outcome of
all. Proportions carry Wilson's interval (1927), calibration a normal one. Groups with fewer rows than the least allowed
are counted and not judged: a rate of ten people tells of chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from conf.models import Inequality
from models.core.bootstrap import Interval
from models.core.metrics import NAN, Floats

Z: Final = 1.959963984540054
"""Of a 95 % interval."""
LEAST: Final = 100
LEAST_CASES: Final = 20
SELECTED: Final = 0.1
NOT_STATED: Final = "not stated"
MEASURES: Final[tuple[Inequality, ...]] = ("selection", "tpr", "fpr", "calibration")


@dataclass(frozen=True, slots=True)
class Group:
    """One group of one attribute; intervals of 95 %. nan throughout where it is too small (`judged` False).

    selection: share of the group selected; tpr: of its cases, selected; fpr: of the others, selected; rate: share of
    cases; calibration: mean probability − rate, or of a value what was foretold too much.
    """

    attribute: str
    group: str
    rows: int
    cases: int
    judged: bool
    rate: Interval
    selection: Interval
    tpr: Interval
    fpr: Interval
    calibration: Interval


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference between two groups of an attribute in one measure, and the least that chance leaves of it.

    `sure`: the lower end of the 95 % interval of |difference| (0 where it may be chance), widened for the number of pairs compared.
    """

    attribute: str
    measure: Inequality
    high: str
    low: str
    value: float
    sure: float

    def __str__(self) -> str:
        """As in a verdict."""
        return (
            f"{self.measure} by {self.attribute} differs by {self.value:.3f} ({self.high} above {self.low})"
        )


def by_group(
    y: Floats,
    probability: Floats,
    sensitive: Mapping[str, npt.NDArray[Any]],
    *,
    selected: float = SELECTED,
    least: int = LEAST,
    of_value: bool = False,
) -> list[Group]:
    """Each group of each attribute, where the best-scored share `selected` of all rows is selected.

    `probability` is calibrated; with `of_value` it and `y` are amounts. A null of an attribute is the group "not stated".
    """
    seen = _valued(y, probability, selected) if of_value else _likely(y, probability, selected)
    return [
        _group(attribute, name, rows, seen, least)
        for attribute, values in sensitive.items()
        for name, rows in _members(values)
    ]


def gaps(groups: list[Group]) -> list[Gap]:
    """The largest gap in selection, true and false positive rate and calibration within each attribute."""
    found = []
    for attribute in dict.fromkeys(g.attribute for g in groups):
        judged = [g for g in groups if g.attribute == attribute and g.judged and g.group != NOT_STATED]
        for measure in MEASURES:
            known = [g for g in judged if math.isfinite(getattr(g, measure).value)]
            if len(known) > 1:
                found.append(_gap(attribute, measure, known))
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of each row: whether it is a case, whether it is selected, what was foretold too much, and the variance of that."""

    case: npt.NDArray[np.bool_]
    chosen: npt.NDArray[np.bool_]
    over: Floats
    variance: Floats


def _likely(y: Floats, probability: Floats, share: float) -> _Seen:
    case = y > 0
    spread = probability * (1 - probability)
    return _Seen(case, _selected(probability, share), probability - case, spread)


def _valued(y: Floats, value: Floats, share: float) -> _Seen:
    over = (value - y) / max(abs(float(y.mean())), 1e-12)
    spread = np.full(len(y), over.var())
    return _Seen(_selected(y, share), _selected(value, share), over, spread)


def _selected(probability: Floats, share: float) -> npt.NDArray[np.bool_]:
    chosen = np.zeros(len(probability), dtype=bool)
    chosen[np.argsort(-probability, kind="stable")[: max(1, round(len(probability) * share))]] = True
    return chosen


def _members(values: npt.NDArray[Any]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    told = np.array([NOT_STATED if v is None or v != v else _name(v) for v in values], dtype=object)  # noqa: PLR0124 - nan
    return [(name, told == name) for name in sorted(set(told))]


def _name(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _group(attribute: str, name: str, rows: npt.NDArray[np.bool_], seen: _Seen, least: int) -> Group:
    case, size = seen.case[rows], int(rows.sum())
    cases = int(case.sum())
    if size < least:
        return Group(attribute, name, size, cases, False, *[Interval(NAN, NAN, NAN)] * 5)
    picked, off = seen.chosen[rows], float(seen.over[rows].mean())
    half = Z * math.sqrt(float(seen.variance[rows].sum()) + 1e-12) / size
    return Group(
        attribute=attribute,
        group=name,
        rows=size,
        cases=cases,
        judged=True,
        rate=proportion(cases, size),
        selection=proportion(int(picked.sum()), size),
        tpr=proportion(int((picked & case).sum()), cases),
        fpr=proportion(int((picked & ~case).sum()), size - cases),
        calibration=Interval(off, off - half, off + half),
    )


def proportion(hits: int, size: int) -> Interval:
    """Hits / size with Wilson's interval; nan where there are fewer than LEAST_CASES to take a share of."""
    if size < LEAST_CASES:
        return Interval(NAN, NAN, NAN)
    p, z2 = hits / size, Z * Z
    centre, half = p + z2 / (2 * size), Z * math.sqrt(p * (1 - p) / size + z2 / (4 * size * size))
    return Interval(
        p, max(0.0, (centre - half) / (1 + z2 / size)), min(1.0, (centre + half) / (1 + z2 / size))
    )


def _gap(attribute: str, measure: Inequality, groups: list[Group]) -> Gap:
    """Of all pairs, the widest; its noise from both intervals, by Bonferroni for the pairs."""
    ordered = sorted(groups, key=lambda g: getattr(g, measure).value)
    low, high = ordered[0], ordered[-1]
    a, b = getattr(high, measure), getattr(low, measure)
    pairs = len(groups) * (len(groups) - 1) / 2
    noise = math.hypot(a.value - a.low, b.high - b.value) * NormalDist().inv_cdf(1 - 0.025 / pairs) / Z
    value = a.value - b.value
    return Gap(attribute, measure, high.group, low.group, value, max(0.0, value - noise))
