"""A bank that ran campaigns: some customers come anyway, others only when contacted; both known in advance."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from tests.spec.models.book import empty, fill

AS_OF: Final = date(2024, 12, 31)
BEGUN: Final = date(2023, 1, 2)
STARTS: Final = tuple(date(2023 + m // 12, m % 12 + 1, 8) for m in range(6, 21, 3))
"""Five campaigns, a quarter apart."""
CUSTOMERS: Final = 2_000
FEATURES = """
sources:
  account_daily: {table: gold.account_daily, entity: account, on: booked_on}
  interaction_daily: {table: gold.interaction_daily, entity: party, on: occurred_on}
  balance: {table: silver.balance, entity: account, shape: versions, on: balance_on, key: [account_id, kind]}
  campaign_contact: {table: silver.campaign_contact, entity: party, on: assigned_on}
  campaign_response: {table: silver.campaign_response, entity: party, on: responded_on}
features:
  logins: {source: interaction_daily, aggregate: sum, of: interactions, window_days: 90, fill: 0, meaning: logins}
  deposits: {source: balance, aggregate: sum, of: balance, meaning: balances}
  contacts: {source: campaign_contact, aggregate: count, where: "contacted_on <= as_of", window_days: 90, fill: 0, meaning: contacts}
  responses: {source: campaign_response, aggregate: count, window_days: 365, fill: 0, meaning: responses}
"""
MODELS = """
churn: {horizon_months: 6, gate: {metric: auc}}
clv: {horizon_months: 12, gate: {metric: spearman}, label: {margins: {deposit: 0.02}}}
cross_sell: {horizon_months: 6, gate: {metric: map_at_3}}
uplift:
  label:
    goals: {message: "channel = 'sms'", call: "channel = 'call' and family = 'fund'"}
    rule: deposits
    eligible: "deposits > 0"
  snapshots: {count: 24, later: 2, min_history_months: 3}
  gate: {metric: qini, min_cases: 100, min_later_cases: 50, draws: 60}
  score: {reasons: 2, reasons_from_percentile: 0.5}
"""


def bank_of(tree: Path, models: str = MODELS) -> Bank:
    """A bank of this configuration alone."""
    for section, text in (("features", FEATURES), ("models", models)):
        folder = tree / "shared" / section
        folder.mkdir(parents=True)
        (folder / "all.yml").write_text(text)
    return Bank("small", (tree,))


def make_book(spark: SparkSession, moved: float, seed: int = 3) -> dict[str, DataFrame]:
    """Frames by table. Contact moves those who log in by `moved`; the rich come anyway."""
    rng = np.random.default_rng(seed)
    ids = [f"C{i:05d}" for i in range(CUSTOMERS)]
    app, rich = rng.random(CUSTOMERS) < 0.4, rng.random(CUSTOMERS) < 0.5
    contacts, responses = [], []
    for number, day in enumerate(STARTS):
        treated = rng.random(CUSTOMERS) < 0.5
        came = rng.random(CUSTOMERS) < 0.05 + 0.5 * rich + moved * (app & treated)
        for i, customer in enumerate(ids):
            contacts.append(contact(f"k{number}-{i}", f"m{number}", customer, day, treated[i]))
            if came[i]:
                responses.append(response(f"k{number}-{i}", f"m{number}", customer, day + timedelta(days=9)))
    days = [BEGUN + timedelta(days=30 * n) for n in range(24)]
    logins = [(f"core|{c}", d, "app", "login", 3, d) for i, c in enumerate(ids) if app[i] for d in days]
    balances = [(f"a|{c}", BEGUN, "closing", 9000.0 if rich[i] else 300.0, BEGUN) for i, c in enumerate(ids)]
    frames = campaigns(spark)
    frames["identity.crosswalk"] = spark.createDataFrame(
        [(f"core|{c}", c) for c in ids], "party_id string, customer_id string"
    )
    frames["silver.campaign_contact"] = contact_rows(spark, contacts)
    frames["silver.campaign_response"] = response_rows(spark, responses)
    frames["gold.interaction_daily"] = login_rows(spark, logins)
    frames["silver.balance"] = fill(
        spark, "silver.balance", balances, ["account_id", "balance_on", "kind", "balance", "known_from"]
    )
    frames["silver.holding"] = fill(
        spark, "silver.holding",
        [(f"h|{c}", f"core|{c}", f"a|{c}", "p|DP", "owner", BEGUN, BEGUN, BEGUN) for c in ids],
        ["holding_id", "party_id", "account_id", "product_id", "role", "opened_on", "valid_from", "known_from"],
    )  # fmt: skip
    frames["gold.account_daily"] = fill(
        spark, "gold.account_daily", [("a|C00000", BEGUN, "card", "debit", 1, 20.0, BEGUN, "b1")],
        ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
    )  # fmt: skip
    return frames


def campaigns(spark: SparkSession) -> dict[str, DataFrame]:
    """The campaigns m0 … m4 by message, and what they offer."""
    return {
        "silver.campaign": fill(
            spark, "silver.campaign",
            [(f"m{n}", "p|FD", "marketing", "sms", d, BEGUN, BEGUN, "b1") for n, d in enumerate(STARTS)],
            ["campaign_id", "product_id", "purpose", "channel", "starts_on", "valid_from", "known_from", "batch_id"],
        ),
        "silver.product": fill(
            spark, "silver.product", [("p|FD", "fund", BEGUN, BEGUN)],
            ["product_id", "family", "valid_from", "known_from"],
        ),
    }  # fmt: skip


def contact(key: str, campaign: str, customer: str, day: date, treated: bool) -> tuple[Any, ...]:
    """One assignment, made on its own day."""
    arm = "treated" if treated else "hold_out"
    return key, campaign, f"core|{customer}", day, day if treated else None, arm, day


def contact_rows(spark: SparkSession, rows: list[tuple[Any, ...]]) -> DataFrame:
    names = ["contact_id", "campaign_id", "party_id", "assigned_on", "contacted_on", "arm", "known_from"]
    return fill(spark, "silver.campaign_contact", rows, names)


def response(key: str, campaign: str, customer: str, day: date, kind: str = "converted") -> tuple[Any, ...]:
    """One response."""
    return f"r{key}{kind}{day}", key, campaign, f"core|{customer}", day, kind, day


def response_rows(spark: SparkSession, rows: list[tuple[Any, ...]]) -> DataFrame:
    names = ["response_id", "contact_id", "campaign_id", "party_id", "responded_on", "response", "known_from"]
    return fill(spark, "silver.campaign_response", rows, names)


def login_rows(spark: SparkSession, rows: list[tuple[Any, ...]]) -> DataFrame:
    names = ["party_id", "occurred_on", "channel", "kind", "interactions", "known_from"]
    return fill(spark, "gold.interaction_daily", rows, names)


def frame_of(spark: SparkSession, frames: dict[str, DataFrame], table: str) -> DataFrame:
    """The table, without rows where the book has none."""
    return frames[table] if table in frames else empty(spark, table)
