"""Section `alerts`: signs that a customer may not pay, their level and evidence, and how alerts are judged."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.sql import Problem, columns_in, unread

AlertLevel = Literal["notice", "warning", "alarm"]
LINKED: Final = "linked_"
"""Before the name of a feature: the worst of it among the customers that somebody is linked with."""
SCORED: Final = frozenset({"default_probability", "default_percentile"})
"""What rules may read of models.default_score; unknown while the model has no champion, and of who isn't scored."""


class AlertSpec(Frozen):
    """One sign. Customers for whom `when` is true have the alert; an unknown answer is a no."""

    description: str = Field(min_length=1)
    level: AlertLevel
    when: str
    """SQL over features, over LINKED and a feature of `linked`, and over SCORED."""
    evidence: tuple[str, ...] = Field(min_length=1)
    """What is shown to whoever looks into it; of those names that have a value."""
    budget: int = Field(default=200, ge=1)
    """How many of them can be looked into a day: those with most at stake are within it."""

    @property
    def rule(self) -> str:
        """A hash of what decides who has the alert."""
        return hashlib.sha256(f"{self.level} {self.when}".encode()).hexdigest()


class LinkedConf(Frozen):
    """Through which relationships trouble is looked for, in either direction, and what counts as trouble."""

    kinds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    least_share: float = Field(default=0.25, ge=0, le=1)
    """A shareholder of less is not linked."""


class JudgedConf(Frozen):
    """When an alert was right: a loan of the customer was so many days past due within so many days after it."""

    days_past_due: int = Field(default=90, ge=1)
    horizon_days: int = Field(default=180, ge=1)
    window_days: int = Field(default=365, ge=1)
    """Alerts raised in so many days up to the last that can be judged."""


class AlertsConf(Frozen):
    """The section `alerts`."""

    alerts: dict[str, AlertSpec] = Field(default_factory=dict)
    linked: LinkedConf = LinkedConf()
    at_stake: str = "0"
    """SQL over features: what the bank stands to lose."""
    judged: JudgedConf = JudgedConf()

    @model_validator(mode="after")
    def _names(self) -> AlertsConf:
        for name in self.alerts:
            if not (name.isascii() and name.islower() and name.replace("_", "").isalnum()):
                raise ValueError(f"alert {name!r}: names are lower-case letters, digits and underscores")
        return self

    @property
    def linked_columns(self) -> set[str]:
        """Columns of linked customers' features that rules may read."""
        return {LINKED + name for name in self.linked.features}

    @property
    def reads(self) -> list[str]:
        """Features that rules, evidence and links read, in a fixed order."""
        named = {n for a in self.alerts.values() for n in (*columns_in(a.when), *a.evidence)}
        drawn = {*named, *columns_in(self.at_stake), *self.linked.features}
        return sorted(drawn - self.linked_columns - SCORED)

    def problems(self, features: Collection[str]) -> Iterator[Problem]:
        """Every rule, evidence or link that reads what is no feature, nor a linked one, nor a score."""
        known = {*features, *self.linked_columns, *SCORED}
        yield from unread(("at_stake",), self.at_stake, features)
        for name, spec in self.alerts.items():
            yield from unread(("alerts", name, "when"), spec.when, known)
            for shown in spec.evidence:
                yield from unread(("alerts", name, "evidence"), shown, known)
        for shown in self.linked.features:
            yield from unread(("linked", "features"), shown, features)
