"""Limits of the gates before every audience, and which columns of it may leave. No gate can be switched off."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from conf.contracts import Frozen

LISTED: Final = (
    "customer_id", "channel", "product_id", "value_tier", "lifecycle_stage", "expected_value", "churn_probability",
    "offer_probability", "uplift_effect", "reasons", "preferred_channel", "manager_id", "branch_id", "area_code",
    "age_band",
)  # fmt: skip
"""Columns that an audience list can carry; none of them names a person."""


class ConsentLimits(Frozen):
    """Whether a consent without an end counts; by default only one with an end in the future does."""

    allow_without_expiry: bool = False


class SuitabilityLimits(Frozen):
    """Product families whose sale needs a risk questionnaire, and from which product risk also a recording."""

    families: tuple[str, ...] = ("fund", "insurance", "wealth")
    dual_recording_from: int = Field(default=3, ge=1, le=5)


class ContactCap(Frozen):
    """At most `contacts` campaign contacts in `days`; without any contact log nobody is known to be below it."""

    days: int = Field(default=30, gt=0)
    contacts: int = Field(default=4, gt=0)
    allow_empty_log: bool = False


class HoldOut(Frozen):
    """The share of customers that no campaign reaches, so that effects can be measured; `salt` redraws it."""

    share: float = Field(default=0.05, ge=0, lt=1)
    salt: str = "1"


class GatesConf(Frozen):
    """The section `gates`."""

    consent: ConsentLimits = ConsentLimits()
    suitability: SuitabilityLimits = SuitabilityLimits()
    contact_cap: ContactCap = ContactCap()
    hold_out: HoldOut = HoldOut()


class AccessConf(Frozen):
    """The section `access`: what leaves in audience lists, in this order."""

    audience_columns: tuple[str, ...] = LISTED

    @model_validator(mode="after")
    def _only_listed(self) -> AccessConf:
        if unknown := set(self.audience_columns) - set(LISTED):
            raise ValueError(
                f"an audience list has no {', '.join(sorted(unknown))}; known are {', '.join(LISTED)}"
            )
        if "customer_id" not in self.audience_columns:
            raise ValueError("audience_columns needs customer_id")
        return self
