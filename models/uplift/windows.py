"""Which campaigns of a goal train and which later ones judge: cut by time, never at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from conf.models import UpliftSpec
from models.core.splits import Split, add_months


@dataclass(frozen=True, slots=True)
class Campaign:
    """One past campaign of a goal: first and last day of assignment, dates of its features, customers by arm, responses."""

    goal: str
    code: str
    starts: date
    ends: date
    dates: tuple[date, ...]
    treated: int
    untreated: int
    treated_cases: int
    untreated_cases: int

    @property
    def rows(self) -> int:
        """Customers in both arms."""
        return self.treated + self.untreated

    @property
    def cases(self) -> int:
        """Responses in both arms."""
        return self.treated_cases + self.untreated_cases


@dataclass(frozen=True, slots=True)
class Window:
    """A goal's campaigns that train and those that judge, in the order of their days."""

    goal: str
    train: tuple[Campaign, ...]
    later: tuple[Campaign, ...]

    @property
    def split(self) -> Split:
        """The dates of features; no training outcome reaches the first judging assignment."""
        return Split(_dates(self.train), _dates(self.later), purged=True)


def window(goal: str, campaigns: Iterable[Campaign], spec: UpliftSpec) -> Window:
    """The latest campaigns judge; at most `count` older ones train, whose outcome windows end before judging begins.

    A campaign without customers in both arms tells nothing and is left out.
    """
    useful = (c for c in campaigns if c.goal == goal and c.treated and c.untreated)
    ordered = sorted(useful, key=lambda c: (c.starts, c.code))
    later = ordered[-spec.snapshots.later :]
    clear = [
        c
        for c in ordered[: -spec.snapshots.later]
        if add_months(c.ends, spec.horizon_months) < later[0].starts
    ]
    return Window(goal, tuple(clear[-spec.snapshots.count :]), tuple(later))


def cases(campaigns: Sequence[Campaign]) -> int:
    """Responses in both arms."""
    return sum(c.cases for c in campaigns)


def _dates(campaigns: Sequence[Campaign]) -> tuple[date, ...]:
    return tuple(sorted({d for c in campaigns for d in c.dates}))
