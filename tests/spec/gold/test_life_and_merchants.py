"""The features of every bank: where cards are used, and what happens in a life."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import open_bank
from conf.features import FeaturesConf
from jobs.core.features import FRAMES, compute_features
from jobs.gold import account_daily
from models.core.known import model_of, spec_of
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
NAMES = (
    "merchant_kinds_90d", "groceries_share_365d", "dining_share_365d", "travel_share_365d",
    "new_spouse_365d", "new_child_365d", "new_employer_365d", "retired_365d",
)  # fmt: skip


def paid(account: str, kind: str, on: str, amount: int, **more: Any) -> dict[str, Any]:
    usual = {"direction": "debit", "merchant_category": "", "transactions": 1, "known_from": on}
    return {"account_id": account, "kind": kind, "booked_on": on, "amount": amount, **usual, **more}


def tie(party: str, kind: str, known: str, **more: Any) -> dict[str, Any]:
    ids = {"relationship_id": f"{party}{kind}{known}", "other_party_id": "x"}
    return {"party_id": party, "kind": kind, "valid_from": known, "known_from": known, **ids, **more}


def features(spark: SparkSession, **given: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """NAMES of Ann, Bob and Cid as the shared configuration computes them."""
    frames = {f: rows(spark, t, *given.get(f, [])) for f, t in FRAMES.items() if f != "crosswalk"}
    links = [(who, who) for who in ("Ann", "Bob", "Cid")]
    frames["crosswalk"] = spark.createDataFrame(links, "party_id string, customer_id string")
    config = open_bank("demo").section("features", FeaturesConf)
    customers = spark.createDataFrame([(who,) for who, _ in links], "customer_id string")
    drawn = compute_features(frames, config, as_of=AS_OF, customers=customers)
    return {r["customer_id"]: tuple(r[n] for n in NAMES) for r in drawn.collect()}


def test_merchants_and_events_in_a_life(spark: SparkSession) -> None:
    holdings = [
        {"holding_id": who, "party_id": who, "account_id": who, "role": "owner", "opened_on": "2015-01-01", "valid_from": "2015-01-01", "known_from": "2015-01-01"}
        for who in ("Ann", "Bob", "Cid")
    ]  # fmt: skip
    found = features(
        spark,
        holding=holdings,
        account_daily=[
            paid("Ann", "card", "2025-06-01", 60, merchant_category="groceries"),
            paid("Ann", "card", "2025-06-01", 30, merchant_category="travel"),
            paid("Ann", "card", "2025-06-02", 50),  # at no known merchant: in no share
            paid("Ann", "card", "2024-08-01", 10, merchant_category="dining"),
            paid("Ann", "card", "2024-06-30", 900, merchant_category="dining"),  # a year and more ago
            paid("Bob", "pension", "2025-02-01", 500, direction="credit"),
            paid("Cid", "pension", "2024-02-01", 500, direction="credit"),
        ],
        relationship=[
            tie("Ann", "spouse", "2025-01-01"),
            tie("Ann", "parent", "2025-05-01", starts_on="2020-03-01"),  # told late of a child of five
            tie("Bob", "employer", "2024-01-01", starts_on="2024-01-01", ends_on="2024-12-31"),
            tie("Bob", "employer", "2025-01-02", starts_on="2025-01-02"),
            tie("Cid", "spouse", "2024-06-30"),
            tie("Cid", "parent", "2025-03-03"),
            tie("Cid", "spouse", "2025-07-01"),  # of the future
        ],
    )
    assert found == {
        "Ann": (2, 0.6, 0.1, 0.3, 1, 0, 0, 0),
        "Bob": (0, None, None, None, 0, 0, 1, 1),
        "Cid": (0, None, None, None, 0, 1, 0, 0),
    }


@pytest.mark.parametrize("model", ["churn", "clv", "cross_sell", "default", "uplift"])
def test_what_tells_sex_age_or_family_trains_no_model(model: str) -> None:
    barred = spec_of(model_of(model), open_bank("demo")).learn.excluded
    family = {"is_married", "new_spouse_365d", "new_child_365d"}
    assert {"is_woman", "age", "days_of_pension_730d", "retired_365d", *family} <= set(barred)


def test_a_days_card_payments_stand_apart_by_what_the_merchant_sells(spark: SparkSession) -> None:
    booked = {"account_id": "a", "booked_on": "2025-06-01", "kind": "card", "direction": "debit", "currency": "CNY",
              "known_from": "2025-06-01", "batch_id": "b"}  # fmt: skip
    made: DataFrame = account_daily.build(
        rows(
            spark, "silver.transaction",
            {**booked, "transaction_id": "1", "amount": 5, "merchant_category": "dining"},
            {**booked, "transaction_id": "2", "amount": 7, "merchant_category": "dining"},
            {**booked, "transaction_id": "3", "amount": 9},
        )
    )  # fmt: skip
    told = {r["merchant_category"]: (r["transactions"], int(r["amount"])) for r in made.collect()}
    assert told == {"dining": (2, 12), "": (1, 9)}
