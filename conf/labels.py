"""What each model foretells: who has left, what they contribute, which product they take up, who has fallen into default."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from conf.contracts import Frozen
from conf.sql import SqlProblem, columns_in


class ChurnLabel(Frozen):
    """Who has left: no product of `families` is open any more, or the money is gone and nobody comes."""

    families: tuple[str, ...] = ("deposit", "fund", "wealth", "insurance", "loan", "card")
    roles: tuple[str, ...] = ("owner",)
    emptied_below_share: float = Field(default=0.05, ge=0.0, le=1.0)
    """Balance at the end of the horizon under this share of the balance at the snapshot, …"""
    min_balance: float = Field(default=100.0, ge=0.0)
    """… where the balance at the snapshot was at least this (account currency), …"""
    silent_months: int = Field(default=2, ge=1, le=60)
    """… and no activity in the last months of the horizon."""
    active_within_months: int = Field(default=6, ge=1, le=60)
    """Only customers who did something in these months before the snapshot can still leave."""
    activity_kinds_ignored: tuple[str, ...] = ("interest", "fee", "penalty")


class ClvLabel(Frozen):
    """Contribution: margin on balances and card debt, bookings that are the bank's income, yearly fees."""

    roles: tuple[str, ...] = ("owner", "joint")
    margins: dict[str, float] = Field(min_length=1)
    """Yearly margin by product family, where the catalogue gives none."""
    fee_kinds: tuple[str, ...] = ("fee",)


class CrossSellLabel(Frozen):
    """A new product of a kind the customer doesn't hold. Which kinds are offered, and to whom."""

    families: tuple[str, ...] = ("deposit", "loan", "card", "fund", "insurance", "wealth")
    roles: tuple[str, ...] = ("owner",)
    eligible: str = "true"
    """SQL over features, family, product_min_age, product_max_age, product_min_income, product_risk_level: who may have it."""
    usual_amounts: dict[str, float] = Field(default_factory=lambda: {"deposit": 0.0})
    """A usual balance by product family, for what a year of an offer brings."""
    contact_costs: dict[str, float] = Field(default_factory=dict)
    """What it costs to make an offer, by product family, in the bank's currency; nothing where none is named."""

    @field_validator("contact_costs")
    @classmethod
    def _cost_something(cls, costs: dict[str, float]) -> dict[str, float]:
        if below := sorted(family for family, cost in costs.items() if cost < 0):
            raise ValueError(f"{below[0]}: a contact can't cost less than nothing")
        return costs

    @field_validator("eligible")
    @classmethod
    def _parses(cls, sql: str) -> str:
        try:
            columns_in(sql)
        except SqlProblem as problem:
            raise ValueError(str(problem)) from None
        return sql


class DefaultLabel(Frozen):
    """Who has fallen into default: a debt of `families` is so many days past due."""

    families: tuple[str, ...] = ("loan", "card")
    roles: tuple[str, ...] = ("owner", "joint")
    days_past_due: int = Field(default=90, ge=1)
    most_days_past_due: int = Field(default=89, ge=0)
    """Who is later than this at the snapshot is not asked about."""
    report_days: int = Field(default=45, ge=1)
    """How long a report of arrears stands; sources are silent about who has caught up."""
    days_a_statement: int = Field(default=30, ge=1)
    """What each card statement in a row counts that found less paid than the one before had asked for."""

    @model_validator(mode="after")
    def _not_in_default_already(self) -> DefaultLabel:
        if self.most_days_past_due >= self.days_past_due:
            raise ValueError(
                f"most_days_past_due must be below days_past_due, {self.days_past_due}: who is in default can't fall into it"
            )
        return self
