"""Whose value is foretold at a date, and what they contributed in the months before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.models import ClvSpec
from models.clv.contribution import contributed
from models.core.book import HOLDINGS, running_at
from models.core.splits import add_months

TABLES: Final = {
    HOLDINGS: "gold.customer_holding",
    "account_daily": "gold.account_daily",
    "balance": "silver.balance",
    "card_statement": "silver.card_statement",
    "loan": "silver.loan",
    "product": "silver.product",
}
PAST_MONTHS: Final = (3, 12)


def candidates(frames: Mapping[str, DataFrame], spec: ClvSpec, dates: Sequence[date]) -> DataFrame:
    """One row per customer with a running contract and date, with contribution_3m and contribution_12m before it.

    Money is in the bank's currency; what was known later than the date, or happened later, is left out.
    """
    held = running_at(frames[HOLDINGS], dates, spec.label.roles).select("customer_id", "as_of").distinct()
    spans = {past_name(months): {d: (add_months(d, -months), d) for d in dates} for months in PAST_MONTHS}
    past = contributed(frames, spec.label, spans, known_by="as_of")
    return held.join(past, on=["customer_id", "as_of"], how="left").fillna(
        0.0, subset=[past_name(m) for m in PAST_MONTHS]
    )


def past_name(months: int) -> str:
    """The feature's name for a look back over `months`."""
    return f"contribution_{months}m"


def run_rate(horizon_months: int) -> Column:
    """The naive forecast: the last three months, carried on."""
    return F.col(past_name(3)) * (horizon_months / 3)
