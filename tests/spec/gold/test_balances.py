"""Roll-ups of bookings and the last known balance of each contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import Row, SparkSession

from jobs.gold import account_balance, account_daily, interaction_daily
from tests.spec.gold.frames import rows

AS_OF = date(1994, 3, 30)


def booked(number: int, account: str, on: str, amount: str, after: str | None = None) -> dict[str, Any]:
    """A booking; a negative amount is a debit."""
    return {
        "transaction_id": f"t{number}", "account_id": account, "booked_on": on, "currency": "CZK",
        "direction": "debit" if amount.startswith("-") else "credit", "amount": amount.lstrip("-"),
        "kind": "other", "balance_after": after, "known_from": on,
    }  # fmt: skip


def balances(spark: SparkSession, *bookings: dict[str, Any], **given: Any) -> dict[tuple[str, str], Row]:
    daily = account_daily.build(rows(spark, "silver.transaction", *bookings))
    accounts: list[dict[str, Any]] = [
        {"account_id": a, "opened_on": o} for a, o in given.get("opened", {}).items()
    ]
    stated = [{"currency": "CZK", **s} for s in given.get("stated", [])]
    built = account_balance.build(
        daily, rows(spark, "silver.balance", *stated), rows(spark, "silver.account", *accounts), as_of=AS_OF
    )
    return {(r["account_id"], r["kind"]): r for r in built.collect()}


def test_bookings_of_a_day_are_rolled_up_by_kind_direction_and_delivery(spark: SparkSession) -> None:
    late = {**booked(4, "a", "1994-01-01", "5"), "known_from": "1994-02-01", "batch_id": "b2"}
    built = account_daily.build(
        rows(
            spark,
            "silver.transaction",
            booked(1, "a", "1994-01-01", "10", "10"),
            booked(2, "a", "1994-01-01", "20", "30"),
            booked(3, "a", "1994-01-01", "-4", "26"),
            late,
        )
    )
    found = sorted(
        (r["direction"], r["batch_id"], r["transactions"], str(r["amount"])) for r in built.collect()
    )
    assert found == [("credit", "b1", 2, "30.00"), ("credit", "b2", 1, "5.00"), ("debit", "b1", 1, "4.00")]


def test_interactions_are_counted_and_timed(spark: SparkSession) -> None:
    one: dict[str, Any] = {"party_id": "p", "occurred_on": "1994-01-01", "channel": "app", "kind": "login"}
    events = [{**one, "interaction_id": "1", "duration_seconds": 30}, {**one, "interaction_id": "2"}]
    row = interaction_daily.build(rows(spark, "silver.interaction", *events)).first()
    assert row is not None
    assert (row["interactions"], row["seconds"]) == (2, 30)


def test_the_order_within_a_day_is_told_by_the_sum(spark: SparkSession) -> None:
    # The last day's balances are 900, 1400 and 1350; the ids would have 1400 last.
    found = balances(
        spark,
        booked(1, "a", "1994-01-01", "1000", "1000"),
        booked(2, "a", "1994-02-01", "-100", "900"),
        booked(4, "a", "1994-02-01", "-50", "1350"),
        booked(5, "a", "1994-02-01", "500", "1400"),
        opened={"a": "1994-01-01"},
    )[("a", "closing")]
    assert (found["balance"], found["rule"], found["difference"]) == (Decimal("1350.00"), "summed", 0)


def test_the_banks_figure_wins_over_our_sum_and_the_difference_is_kept(spark: SparkSession) -> None:
    found = balances(
        spark,
        booked(1, "a", "1994-01-01", "1000", "1000"),
        booked(2, "a", "1994-02-01", "3.37", "1003.4"),
        opened={"a": "1994-01-01"},
    )[("a", "closing")]
    assert (found["balance"], found["summed"]) == (Decimal("1003.40"), Decimal("1003.37"))
    assert found["difference"] == Decimal("-0.03")


def test_a_stated_balance_is_carried_by_what_was_booked_after_it(spark: SparkSession) -> None:
    found = balances(
        spark,
        booked(1, "a", "1994-01-31", "1000"),
        booked(2, "a", "1994-02-01", "-30"),
        booked(3, "b", "1994-01-05", "1"),
        stated=[
            {"account_id": "a", "balance_on": "1994-01-31", "kind": "closing", "balance": 2000},
            {"account_id": "b", "balance_on": "1994-01-31", "kind": "closing", "balance": 77},
            {"account_id": "f", "balance_on": "1994-01-31", "kind": "market_value", "balance": 5},
        ],
    )
    told = {k: (str(r["balance"]), r["rule"], str(r["balance_on"])) for k, r in found.items()}
    assert told == {
        ("a", "closing"): ("1970.00", "carried", "1994-02-01"),
        ("b", "closing"): ("77.00", "delivered", "1994-01-31"),
        ("f", "market_value"): ("5.00", "delivered", "1994-01-31"),
    }


def test_an_account_older_than_the_bookings_has_no_sum(spark: SparkSession) -> None:
    found = balances(
        spark,
        booked(1, "old", "1994-01-01", "10", "510"),
        booked(2, "old", "1994-01-02", "-5", "505"),
        opened={"old": "1990-01-01"},
    )[("old", "closing")]
    assert (str(found["balance"]), found["rule"], found["summed"]) == ("505.00", "stated", None)
