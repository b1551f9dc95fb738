"""Who holds what in which part, and what it brings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession

from conf.bank import Bank, open_bank
from conf.profile import Tier
from jobs.gold import customer_holding, customer_value
from jobs.gold.tiers import with_tier
from tests.overlays import laid
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
LINKS = [("core|1", "Ann"), ("crm|1", "Ann"), ("core|2", "Bob"), ("core|3", "Cid")]


def crosswalk(spark: SparkSession) -> DataFrame:
    links = [(*link, True) for link in LINKS]
    gone = [("old|9", "Dan", False), ("old|1", "Ann", False)]
    return spark.createDataFrame([*links, *gone], "party_id string, customer_id string, is_live boolean")


def held(spark: SparkSession, **given: list[dict[str, Any]]) -> DataFrame:
    frames = {
        name: rows(spark, f"silver.{table}", *given.get(name, []))
        for name, table in (("holdings", "holding"), ("accounts", "account"), ("loans", "loan"), ("cards", "card"), ("products", "product"))
    }  # fmt: skip
    return customer_holding.build(crosswalk=crosswalk(spark), as_of=AS_OF, **frames)


BOOK: dict[str, list[dict[str, Any]]] = {
    "holdings": [
        {"holding_id": "1", "party_id": "core|1", "account_id": "a", "product_id": "P", "role": "owner", "opened_on": "2020-01-01"},
        {"holding_id": "2", "party_id": "crm|1", "account_id": "a", "product_id": "P", "role": "user", "opened_on": "2019-01-01", "closed_on": "2021-01-01"},
        {"holding_id": "3", "party_id": "core|2", "account_id": "a", "product_id": "P", "role": "joint", "opened_on": "2020-01-01"},
        {"holding_id": "4", "party_id": "core|3", "account_id": "a", "product_id": "P", "role": "user", "opened_on": "2020-01-01"},
        {"holding_id": "9", "party_id": "old|9", "account_id": "a", "product_id": "P", "role": "owner", "opened_on": "2020-01-01"},
        {"holding_id": "5", "party_id": "core|3", "account_id": "f", "product_id": "F", "role": "owner", "opened_on": "2025-07-15"},
    ],
    "accounts": [{"account_id": "a", "status": "open", "opened_on": "2020-01-01"}, {"account_id": "l2", "status": "open", "product_id": "L"}],
    "loans": [
        {"loan_id": "l1", "account_id": "a", "granted_on": "2025-01-30", "amount": 12000, "term_months": 12},
        {"loan_id": "l2", "party_id": "core|3", "account_id": "l2", "granted_on": "2024-01-01", "amount": 100, "term_months": 12, "status": "finished", "product_id": "L"},
    ],
    "products": [{"product_id": "P", "family": "deposit", "margin": "0.02", "fee": 0}, {"product_id": "F", "family": "fund"}, {"product_id": "L", "family": "loan"}],
}  # fmt: skip


def test_holdings_of_persons_accounts_loans(spark: SparkSession) -> None:
    found = {(r["customer_id"], r["contract_id"]): r for r in held(spark, **BOOK).collect()}
    told = {k: (r["kind"], r["family"], r["role"], str(r["share"]), r["status"]) for k, r in found.items()}
    assert told == {
        ("Ann", "a"): ("account", "deposit", "owner", "0.500000", "open"),  # two records, one holding
        ("Bob", "a"): ("account", "deposit", "joint", "0.500000", "open"),
        ("Cid", "a"): ("account", "deposit", "user", "0.000000", "open"),
        ("Ann", "l1"): ("loan", "loan", "owner", "0.500000", "open"),  # names nobody: the account's owners
        ("Bob", "l1"): ("loan", "loan", "joint", "0.500000", "open"),
        ("Cid", "l2"): ("loan", "loan", "owner", "1.000000", "closed"),  # stands among the accounts too
    }  # nothing of the fund that begins after the day, nor of who has no live record any more
    assert (found["Ann", "a"]["opened_on"], found["Ann", "a"]["closed_on"]) == (date(2019, 1, 1), None)


def value(spark: SparkSession, holdings: DataFrame, **given: list[dict[str, Any]]) -> dict[str, Row]:
    built = valued(spark, holdings, open_bank("berka"), **given)
    return {r["customer_id"]: r for r in built["gold.customer_value"].collect()}


def valued(
    spark: SparkSession, holdings: DataFrame, bank: Bank, **given: list[dict[str, Any]]
) -> dict[str, DataFrame]:
    tables = {
        "account_balances": "gold.account_balance", "account_daily": "gold.account_daily",
        "interaction_daily": "gold.interaction_daily", "loans": "silver.loan",
        "statements": "silver.card_statement", "arrears": "silver.arrears", "products": "silver.product",
    }  # fmt: skip
    frames = {name: rows(spark, table, *given.get(name, [])) for name, table in tables.items()}
    return customer_value.build(
        holdings=holdings, crosswalk=crosswalk(spark), bank=bank, as_of=AS_OF, **frames
    )


def test_value_is_margin_and_fees_less_risk_and_service(spark: SparkSession) -> None:
    found = value(
        spark,
        held(spark, **BOOK),
        loans=BOOK["loans"],
        products=BOOK["products"],
        account_balances=[{"account_id": "a", "kind": "closing", "balance": 1000, "average_balance": 2000}],
        account_daily=[
            {"account_id": "a", "booked_on": "2025-06-01", "kind": "fee", "direction": "debit", "amount": 30},
            {"account_id": "a", "booked_on": "2024-06-01", "kind": "fee", "direction": "debit", "amount": 999},
        ],
        arrears=[{"loan_id": "l1", "reported_on": "2025-06-01", "days_past_due": 40}],
        interaction_daily=[{"party_id": "crm|1", "occurred_on": "2025-06-01", "channel": "branch", "interactions": 2}],
    )  # fmt: skip
    ann = found["Ann"]
    assert (ann["deposits"], ann["aum"]) == (Decimal("500.00"), Decimal("500.00"))
    assert ann["loans_outstanding"] == Decimal("3500.00")  # 12,000 over 12 months, 5 gone, half of it hers
    assert ann["fee_income"] == Decimal("15.00")
    assert ann["cost_of_risk"] == Decimal("525.00")  # 15 % of 3,500 at 40 days past due
    assert ann["profit"] == ann["contribution"] - ann["cost_of_risk"] - ann["cost_to_serve"]
    assert ann["contribution"] == ann["interest_income"] + ann["fee_income"]
    assert ann["cost_to_serve"] - found["Bob"]["cost_to_serve"] == Decimal("30.00")  # her two visits
    assert (found["Cid"]["deposits"], found["Cid"]["loans_outstanding"]) == (0, 0)


def test_a_default_loses_the_products_part_else_the_familys_and_nothing_is_told_where_one_is_missing(
    spark: SparkSession, tmp_path: Path
) -> None:
    own = "value: {loss_given_default: {families: {card: 0.6}, products: {HOME: 0.1, CAR: 0.3}}}"
    laid(tmp_path, "banks/berka/profile/recoveries.yml", own)
    owes = [("Ann", "h", "HOME", 80_000), ("Ann", "c", "CAR", 10_000), ("Bob", "h2", "HOME", 5_000), ("Bob", "o", "OTHER", 1),
            ("Cid", "h3", "HOME", 700), ("Cid", "paid", "OTHER", 0), ("Cid", "card", "GOLD", 1_000)]  # fmt: skip
    holdings = rows(spark, "gold.customer_holding", *(
        {"customer_id": who, "contract_id": what, "product_id": product, "family": "card" if product == "GOLD" else "loan",
         "share": 1, "status": "open", "opened_on": "2024-01-01"} for who, what, product, _ in owes))  # fmt: skip
    balances = [{"account_id": what, "kind": "outstanding", "balance": owed} for _, what, _, owed in owes]
    built = valued(spark, holdings, open_bank("berka", (tmp_path,)), account_balances=balances)
    found = built["gold.customer_value_family"].select("customer_id", "family", "owed", "lost_at_default")
    assert {tuple(map(str, r)) for r in found.collect()} == {
        ("Ann", "loan", "90000.00", "11000.00"),
        ("Bob", "loan", "5001.00", "None"),
        ("Cid", "loan", "700.00", "70.00"),
        ("Cid", "card", "1000.00", "600.00"),
    }


def test_tiers_take_the_best_share_and_never_the_worthless(spark: SparkSession) -> None:
    amounts = [*range(1, 9), 0, -5]  # ten customers
    frame = spark.createDataFrame(
        [(i, Decimal(a * 1000)) for i, a in enumerate(amounts)], "i int, profit decimal(18,2)"
    )
    tiers = [
        Tier(name="top", top_share=0.1),
        Tier(name="next", top_share=0.9),
        Tier(name="rest", top_share=1),
    ]
    found = {int(r["profit"]) // 1000: r["value_tier"] for r in with_tier(frame, "profit", tiers).collect()}
    assert found == {8: "top", **dict.fromkeys(range(1, 8), "next"), 0: "rest", -5: "rest"}
