"""What counts as a campaign's effect: goals, arms, the response that is measured, and the rule to beat."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field, field_validator

from conf.contracts import Frozen
from conf.sql import SqlProblem, check_expression, columns_in

CAMPAIGN: Final = ("campaign_id", "product_id", "family", "purpose", "channel")
"""What a goal's SQL may read: silver.campaign, and the family of the product offered."""


def by_qini(gate: Any) -> Any:
    """The gate of effects, whose one metric is the Qini coefficient. Raises ValueError for another."""
    if gate.metric != "qini":
        raise ValueError(f"effects are judged by qini, not by {gate.metric}")
    return gate


class UpliftLabel(Frozen):
    """Which past campaigns teach what contact changes, and who of them was left alone by chance."""

    goals: dict[str, str] = Field(default_factory=dict)
    """Goal → SQL over CAMPAIGN that is true for its campaigns. Each goal is learnt, judged and scored apart; none: no model."""
    treated: tuple[str, ...] = ("treated",)
    control: tuple[str, ...] = ("hold_out",)
    """Arms to compare with; name `not_contacted` only where chance alone decided who wasn't."""
    responses: tuple[str, ...] = ("converted",)
    """Responses that count; they must be measured in every arm."""
    settle_days: int = Field(default=7, ge=0, le=365)
    """Days after the outcome window by which late responses have arrived."""
    rule: str = "0.0"
    """SQL over features by which one would choose otherwise (higher first): to be beaten."""
    eligible: str = "true"
    """SQL over features: who is scored."""
    max_assigned_auc: float = Field(default=0.55, ge=0.5, le=1.0)
    """How well features may foretell, beyond noise, who was treated; above it chance didn't assign."""

    @field_validator("goals")
    @classmethod
    def _goals_read_campaigns(cls, goals: dict[str, str]) -> dict[str, str]:
        for name, sql in goals.items():
            if not (name.isascii() and name.islower() and name.replace("_", "").isalnum()):
                raise ValueError(f"goal {name!r}: names are lower-case letters, digits and underscores")
            try:
                check_expression(sql, CAMPAIGN)
            except SqlProblem as problem:
                raise ValueError(f"{name}: {problem}") from None
        return goals

    @field_validator("rule", "eligible")
    @classmethod
    def _parse(cls, sql: str) -> str:
        try:
            columns_in(sql)
        except SqlProblem as problem:
            raise ValueError(str(problem)) from None
        return sql

    @field_validator("treated", "control", "responses")
    @classmethod
    def _name_something(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError("name at least one")
        return names
