"""Features at a date: what is counted, for whom, and that nothing of the future moves them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.features import FeaturesConf
from jobs.core.features import FRAMES, compute_features, packed, widened
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
SOURCES: dict[str, Any] = {
    "bookings": {"table": "gold.account_daily", "entity": "account", "on": "booked_on"},
    "balance": {"table": "silver.balance", "entity": "account", "shape": "versions", "on": "balance_on", "key": ["account_id", "kind"]},
    "before": {"table": "silver.balance", "entity": "account", "shape": "versions", "on": "balance_on", "key": ["account_id", "kind"], "lag_days": 90},
    "party": {"table": "silver.party", "entity": "party", "shape": "versions", "key": ["party_id"]},
    "arrears": {"table": "silver.arrears", "entity": "loan", "shape": "versions", "on": "reported_on", "key": ["loan_id"]},
    "vouched": {"table": "silver.arrears", "entity": "loan", "shape": "versions", "on": "reported_on", "key": ["loan_id"], "through": ["guarantor"]},
    "tone": {"table": "gold.complaint_tone", "entity": "party", "shape": "versions", "key": ["complaint_id"]},
}  # fmt: skip
CONF = FeaturesConf.model_validate(
    {
        "sources": SOURCES,
        "features": {
            "spent_30d": {"source": "bookings", "aggregate": "sum", "of": "amount", "where": "direction = 'debit'", "window_days": 30, "fill": 0, "meaning": "m"},
            "days_since": {"source": "bookings", "aggregate": "days_since", "meaning": "m"},
            "days_active": {"source": "bookings", "aggregate": "distinct", "of": "booked_on", "meaning": "m"},
            "balance": {"source": "balance", "aggregate": "sum", "of": "balance", "meaning": "m"},
            "balance_before": {"source": "before", "aggregate": "sum", "of": "balance", "meaning": "m"},
            "age": {"source": "party", "aggregate": "latest", "of": "floor(months_between(as_of, birth_date) / 12)", "meaning": "m"},
            "spread": {"source": "bookings", "aggregate": "stddev", "of": "amount", "meaning": "m"},
            "rise": {"source": "bookings", "aggregate": "slope", "of": "amount", "meaning": "m"},
            "squares": {"source": "bookings", "aggregate": "sum", "of": "cast(amount as double) * amount", "meaning": "m"},
            "mean_square": {"source": "bookings", "aggregate": "mean", "of": "cast(amount as double) * amount", "meaning": "m"},
            "vouched": {"source": "vouched", "aggregate": "max", "of": "days_past_due", "meaning": "m"},
            "tone": {"source": "tone", "aggregate": "mean", "of": "tone", "where": "said_on > date_sub(as_of, 180)", "meaning": "m"},
            "worst_tone": {"source": "tone", "aggregate": "min", "of": "tone", "where": "said_on > date_sub(as_of, 180)", "meaning": "m"},
            "late": {"source": "arrears", "aggregate": "max", "of": "days_past_due", "meaning": "m"},
        },
        "derived": {"growth": {"sql": "balance / nullif(balance_before, 0)", "meaning": "m"}},
    }
)  # fmt: skip


def book(spark: SparkSession, **more: list[dict[str, Any]]) -> dict[str, DataFrame]:
    """Ann (two source records) owns a1 and borrowed l1; Bob uses a1. `more` adds rows to a frame."""
    given: dict[str, list[dict[str, Any]]] = {
        "account_daily": [
            {"account_id": "a1", "booked_on": "2025-06-30", "direction": "debit", "amount": 10, "transactions": 1, "known_from": "2025-06-30"},
            {"account_id": "a1", "booked_on": "2025-06-01", "direction": "debit", "amount": 7, "transactions": 1, "known_from": "2025-06-01"},
            {"account_id": "a1", "booked_on": "2025-05-31", "direction": "debit", "amount": 100, "transactions": 1, "known_from": "2025-06-01"},
        ],
        "balance": [
            {"account_id": "a1", "kind": "closing", "balance_on": "2025-03-31", "balance": 50, "known_from": "2025-03-31"},
            {"account_id": "a1", "kind": "closing", "balance_on": "2025-05-31", "balance": 75, "known_from": "2025-05-31"},
        ],
        "holding": [
            {"holding_id": "h1", "party_id": "core|1", "account_id": "a1", "role": "owner", "opened_on": "2020-01-01"},
            {"holding_id": "h2", "party_id": "crm|1", "account_id": "a1", "role": "owner", "opened_on": "2020-01-01"},
            {"holding_id": "h3", "party_id": "core|2", "account_id": "a1", "role": "user", "opened_on": "2020-01-01"},
        ],
        "party": [{"party_id": "core|1", "birth_date": "1990-07-01"}],
        "relationship": [
            {"relationship_id": "r1", "party_id": "core|2", "other_party_id": "crm|1", "kind": "guarantor"},
            {"relationship_id": "r2", "party_id": "core|1", "other_party_id": "crm|1", "kind": "guarantor"},
        ],
        "loan": [{"loan_id": "l1", "account_id": "a1", "granted_on": "2024-01-01"}],
        "arrears": [{"loan_id": "l1", "reported_on": "2025-05-31", "days_past_due": 12}],
        "complaint_tone": [
            {"complaint_id": "c1", "party_id": "core|1", "said_on": "2025-01-02", "tone": -0.4, "valid_from": "2025-01-02", "known_from": "2025-01-02"},
            {"complaint_id": "c2", "party_id": "crm|1", "said_on": "2025-06-30", "tone": 0.1, "valid_from": "2025-06-30", "known_from": "2025-06-30"},
            {"complaint_id": "c3", "party_id": "core|1", "said_on": "2025-01-01", "tone": -0.9, "valid_from": "2025-01-01", "known_from": "2025-01-01"},
        ],
    }  # fmt: skip
    for name, extra in more.items():
        given.setdefault(name, []).extend(extra)
    frames = {f: rows(spark, t, *given.get(f, [])) for f, t in FRAMES.items() if f != "crosswalk"}
    links = [("core|1", "Ann"), ("crm|1", "Ann"), ("core|2", "Bob"), ("core|3", "Cid")]
    return frames | {"crosswalk": spark.createDataFrame(links, "party_id string, customer_id string")}


def features(spark: SparkSession, as_of: date = AS_OF, **more: list[dict[str, Any]]) -> dict[str, Any]:
    customers = spark.createDataFrame([("Ann",), ("Bob",), ("Cid",)], "customer_id string")
    drawn = compute_features(book(spark, **more), CONF, as_of=as_of, customers=customers)
    return {r["customer_id"]: r.asDict() for r in drawn.collect()}


def test_windows_are_open_at_their_start_and_closed_at_the_date(spark: SparkSession) -> None:
    found = features(spark)
    assert found["Ann"]["spent_30d"] == 17.0  # 30 June and 1 June; 31 May is 30 days before
    assert found["Ann"]["days_since"] == 0.0
    assert found["Ann"]["days_active"] == 3.0


def test_an_account_counts_once_for_a_person_with_two_records_and_for_who_may_use_it(
    spark: SparkSession,
) -> None:
    found = features(spark)
    assert found["Bob"]["spent_30d"] == found["Ann"]["spent_30d"] == 17.0
    assert found["Ann"]["balance"] == 75.0
    assert (found["Ann"]["late"], found["Bob"]["late"]) == (12.0, None)  # owners borrow, users don't


def test_absence_is_what_the_definition_says(spark: SparkSession) -> None:
    cid = features(spark)["Cid"]
    assert (cid["spent_30d"], cid["days_since"], cid["age"]) == (0.0, None, None)


def test_states_are_the_last_ones_and_lags_look_back(spark: SparkSession) -> None:
    ann = features(spark)["Ann"]
    assert (ann["balance"], ann["balance_before"], ann["growth"]) == (75.0, 50.0, 1.5)
    assert ann["age"] == 34.0  # 35 on the next day


def test_spread_and_slope_are_those_of_the_rows(spark: SparkSession) -> None:
    ann = features(spark)["Ann"]
    amounts, months = np.array([10.0, 7.0, 100.0]), np.array([0, -29, -30]) / 30
    assert ann["spread"] == pytest.approx(amounts.std(ddof=1), abs=1e-4)
    assert ann["rise"] == pytest.approx(np.polyfit(months, amounts, 1)[0], abs=1e-4)


def test_large_floating_sums_are_exact_whatever_the_order_of_the_rows(spark: SparkSession) -> None:
    amounts = [100_000_003, *[0.1] * 64]
    spent = [
        {"account_id": "a1", "booked_on": "2025-06-02", "direction": "debit", "amount": a, "known_from": "2025-06-30"}
        for a in amounts
    ]  # fmt: skip
    for several in (spent, spent[::-1]):
        ann = features(spark, account_daily=several)["Ann"]
        assert ann["squares"] == float(100_000_003**2 + 10_149) + 0.64  # 10² + 7² + 100² are in the book
        assert ann["mean_square"] == pytest.approx(ann["squares"] / 68, rel=1e-15)


def test_money_is_summed_to_the_cent_and_rows_outside_or_without_an_amount_add_nothing(
    spark: SparkSession,
) -> None:
    def spent(amount: Any, direction: str = "debit") -> dict[str, Any]:
        return {"account_id": "a1", "booked_on": "2025-06-02", "direction": direction, "amount": amount, "known_from": "2025-06-02"}  # fmt: skip

    more = [spent(0.01) for _ in range(7)]
    more += [spent(-3.3), spent(99_999_999_999.99), spent(None), spent(5, "credit"), spent(7, "credit")]
    assert features(spark, account_daily=more)["Ann"]["spent_30d"] == 100_000_000_013.76


def test_sums_beyond_what_a_long_holds_are_still_sums(spark: SparkSession) -> None:
    """Nines where nobody knows an amount: 95 such are more cents than 64 bits."""
    nines = [{"account_id": "a1", "booked_on": "2025-06-02", "direction": "debit", "amount": 999_999_999_999_999,
              "known_from": "2025-06-02"} for _ in range(95)]  # fmt: skip
    spent = FeaturesConf(sources=CONF.sources, features={"spent_30d": CONF.features["spent_30d"]})
    ann = spark.createDataFrame([("Ann",)], "customer_id string")
    (row,) = compute_features(book(spark, account_daily=nines), spent, as_of=AS_OF, customers=ann).collect()
    assert row["spent_30d"] == float(95 * 999_999_999_999_999 + 17)


def test_what_happens_to_those_who_are_related_counts_in_either_direction_but_never_ones_own(
    spark: SparkSession,
) -> None:
    found = features(spark)
    # Bob vouches for Ann, whose loan is late; Ann vouches for herself by another record.
    assert [found[c]["vouched"] for c in ("Ann", "Bob", "Cid")] == [None, 12.0, None]
    ended = {
        "relationship_id": "r1",
        "valid_from": "2025-06-01",
        "known_from": "2025-06-01",
        "is_deleted": True,
    }
    assert features(spark, relationship=[ended])["Bob"]["vouched"] is None
    until = {
        **ended,
        "is_deleted": False,
        "party_id": "core|2",
        "other_party_id": "crm|1",
        "kind": "guarantor",
    }
    assert features(spark, relationship=[{**until, "ends_on": "2025-06-29"}])["Bob"]["vouched"] is None
    assert features(spark, relationship=[{**until, "ends_on": "2025-06-30"}])["Bob"]["vouched"] == 12.0


FUTURE: dict[str, Any] = {
    # happened after the date
    "account_daily": [
        {"account_id": "a1", "booked_on": "2025-07-01", "direction": "debit", "amount": 999, "known_from": "2025-07-01"},
        # happened before, but the bank heard of it later
        {"account_id": "a1", "booked_on": "2025-06-15", "direction": "debit", "amount": 999, "known_from": "2025-07-02"},
        # dated after, though delivered before
        {"account_id": "a1", "booked_on": "2025-07-05", "direction": "debit", "amount": 999, "known_from": "2025-06-30"},
        # another's account that Ann gets only later
        {"account_id": "a2", "booked_on": "2025-06-10", "direction": "debit", "amount": 999, "known_from": "2025-06-10"},
    ],
    "balance": [{"account_id": "a1", "kind": "closing", "balance_on": "2025-06-30", "balance": 999, "known_from": "2025-07-01"}],
    "holding": [{"holding_id": "h9", "party_id": "core|1", "account_id": "a2", "role": "owner", "opened_on": "2025-07-01", "known_from": "2025-07-01", "valid_from": "2025-07-01"}],
    "party": [{"party_id": "core|1", "birth_date": "1950-01-01", "valid_from": "2025-06-01", "known_from": "2025-07-01"}],
    "arrears": [{"loan_id": "l1", "reported_on": "2025-06-30", "days_past_due": 99, "known_from": "2025-07-01"}],
    # one that comes later, and other words of an old one that the bank hears of later
    "complaint_tone": [
        {"complaint_id": "c8", "party_id": "core|1", "said_on": "2025-07-01", "tone": -0.8, "valid_from": "2025-07-01", "known_from": "2025-07-01"},
        {"complaint_id": "c2", "party_id": "crm|1", "said_on": "2025-06-30", "tone": -0.7, "valid_from": "2025-06-30", "known_from": "2025-07-02"},
    ],
    # a guarantee that the bank hears of later
    "relationship": [{"relationship_id": "r9", "party_id": "core|3", "other_party_id": "core|1", "kind": "guarantor", "valid_from": "2025-06-01", "known_from": "2025-07-01"}],
}  # fmt: skip


def test_no_feature_moves_when_the_future_is_planted(spark: SparkSession) -> None:
    assert features(spark, **FUTURE) == features(spark)


def test_the_planted_future_is_no_dud(spark: SparkSession) -> None:
    later = date(2025, 7, 10)
    planted, without = features(spark, later, **FUTURE), features(spark, later)
    assert planted["Ann"]["spent_30d"] != without["Ann"]["spent_30d"]
    assert (planted["Cid"]["vouched"], without["Cid"]["vouched"]) == (99.0, None)
    assert [planted["Ann"]["tone"], planted["Ann"]["worst_tone"]] == [-0.75, -0.8]


def test_complaints_of_all_records_of_a_person_sound_together_within_the_days(spark: SparkSession) -> None:
    found = features(spark)
    assert [found["Ann"]["tone"], found["Ann"]["worst_tone"]] == [-0.15, -0.4]  # 1 January is 180 days before
    assert [found["Bob"]["tone"], found["Bob"]["worst_tone"]] == [None, None]


def test_packing_and_widening_give_the_same_back(spark: SparkSession) -> None:
    customers = spark.createDataFrame([("Ann",), ("Cid",)], "customer_id string")
    wide = compute_features(book(spark), CONF, as_of=AS_OF, customers=customers)
    tight = packed(wide, CONF)
    assert tight.columns == ["customer_id", "as_of", "features"]
    expected = sorted(wide.select("customer_id", "age", "growth").collect())
    for back in (widened(tight, ["age", "growth"]), widened(tight, ["age", "growth"], CONF)):
        assert sorted(back.select("customer_id", "age", "growth").collect()) == expected


def test_a_row_packed_under_another_configuration_is_never_misread(spark: SparkSession) -> None:
    customers = spark.createDataFrame([("Ann",)], "customer_id string")
    tight = packed(compute_features(book(spark), CONF, as_of=AS_OF, customers=customers), CONF)
    fewer = CONF.model_copy(update={"features": {k: v for k, v in CONF.features.items() if k != "spent_30d"}})
    assert [r["age"] for r in widened(tight, ["age"], fewer).collect()] == [None]
    with pytest.raises(ValueError, match="spent_30d"):
        widened(tight, ["spent_30d"], fewer)
