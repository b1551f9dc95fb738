"""What a bank means by its customers' value, lifecycle, interests and bands: assumptions, kept out of code."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from conf.contracts import Frozen
from conf.lifetime import LifetimeConf
from conf.sql import Path_, Problem, columns_in, raise_first, unread

Stage = Literal["prospect", "lost", "acquired", "declining", "loyal", "active"]
HOLDING_COLUMNS: Final = frozenset(
    {"contracts_ever", "contracts_open", "families_open", "families", "aum", "profit", "days_a_customer"}
)
"""What lifecycle and interest rules may read beside features."""


Part = Annotated[float, Field(ge=0, le=1)]
Owing = Literal["deposit", "loan", "card", "other"]
"""Families on which something may be owed."""


class LossGivenDefault(Frozen):
    """The part of what is owed that a default loses, what is recovered being in; a product's goes before its family's."""

    families: dict[Owing, Part] = Field(default_factory=dict)
    products: dict[str, Part] = Field(default_factory=dict)  # by silver.product's product_id


class ValueConf(Frozen):
    """Assumptions of the value calculation; money in the bank's currency, rates per year."""

    margins: dict[str, Decimal]  # by product family, where the catalogue gives none
    loan_loss: dict[int, Decimal]  # days past due from which on → expected loss per year of what is owed
    loss_given_default: LossGivenDefault = LossGivenDefault()
    contact_costs: dict[str, Decimal]  # by channel, for each contact sought
    contract_cost: Decimal = Field(ge=0)  # for each contract running, per year
    fee_kinds: tuple[str, ...] = ("fee",)  # bookings that are the bank's income

    @model_validator(mode="after")
    def _every_loan_has_a_rate(self) -> ValueConf:
        if 0 not in self.loan_loss:
            raise ValueError("loan_loss needs an entry for 0 days past due")
        return self


class Tier(Frozen):
    """A value tier: the customers up to `top_share`, counted from the most valuable down."""

    name: str
    top_share: float = Field(gt=0, le=1)


class StageRule(Frozen):
    """A lifecycle stage and the SQL predicate that puts a customer there, tried in order."""

    stage: Stage
    when: str


class ProfileConf(Frozen):
    """The section `profile`."""

    value: ValueConf
    tier_measure: Literal["aum", "contribution", "profit"] = "profit"
    tiers: tuple[Tier, ...] = Field(min_length=1)
    lifecycle: tuple[StageRule, ...] = Field(min_length=1)
    interests: dict[str, str] = Field(default_factory=dict)
    age_bands: tuple[int, ...] = (18, 25, 35, 45, 55, 65)
    arrears_bands: dict[int, str] = Field(
        default_factory=lambda: {0: "none", 1: "early", 30: "late", 90: "default"}
    )
    low_bureau_score: int = 500
    lifetime: LifetimeConf = LifetimeConf()

    @model_validator(mode="after")
    def _tiers_cover_everybody(self) -> ProfileConf:
        shares = [t.top_share for t in self.tiers]
        if shares != sorted(shares) or shares[-1] != 1:
            raise ValueError("tiers go from the best down: top_share must rise, and the last must be 1")
        return self

    @model_validator(mode="after")
    def _bands_rise(self) -> ProfileConf:
        if list(self.age_bands) != sorted(set(self.age_bands)):
            raise ValueError("age_bands must rise")
        return self

    @property
    def reads(self) -> list[str]:
        """Features that lifecycle and interest rules read, in a fixed order."""
        return sorted(set().union(*(columns_in(sql) for _, sql in self._rules())) - HOLDING_COLUMNS)

    def check(self, features: Collection[str]) -> None:
        """Raises ValueError where a rule reads what is neither a feature nor among HOLDING_COLUMNS."""
        raise_first(self.problems(features))

    def problems(self, features: Collection[str]) -> Iterator[Problem]:
        """Every rule that reads what is neither a feature nor among HOLDING_COLUMNS; those of `lifetime` as well,
        and what of a wallet has no margin.
        """
        for path, sql in self._rules():
            yield from unread(path, sql, {*features, *HOLDING_COLUMNS})
        yield from ((("lifetime", *path), told) for path, told in self.lifetime.problems(features))
        known = ", ".join(self.value.margins)
        for family in sorted(set(self.lifetime.wallet) - set(self.value.margins)):
            yield ("lifetime", "wallet", family), f"value.margins has no such family; it has {known}"

    def _rules(self) -> Iterator[tuple[Path_, str]]:
        yield from ((("lifecycle", i, "when"), r.when) for i, r in enumerate(self.lifecycle))
        yield from ((("interests", name), sql) for name, sql in self.interests.items())
