"""What is foretold: holdings, bookings and balances in, labels and contributions out; nothing of after a date."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.sql import SparkSession

from conf.labels import ClvLabel
from conf.models import ModelsSpec
from jobs.core.features import FRAMES
from models.churn.features import candidates as churn_candidates
from models.churn.labels import outcomes as churn_outcomes
from models.clv.contribution import contributed
from models.core.known import trainable
from tests.spec.models.book import HELD, empty, fill
from tests.spec.models.conftest import Trained


def test_who_leaves_is_who_closed_or_emptied_and_fell_silent(spark: SparkSession, trained: Trained) -> None:
    people = {
        "closed": date(2024, 3, 1),
        "emptied": None,
        "emptied but busy": None,
        "stays": None,
        "gone before": date(2023, 12, 1),
    }
    start = date(2020, 1, 1)
    rows = [(who, who, who, "p|DP", "deposit", "owner", 1.0, start, end) for who, end in people.items()]
    balances = [(who, date(2023, 12, 31), "closing", 1000.0, start) for who in people]
    later = {"emptied": 10.0, "emptied but busy": 10.0, "stays": 900.0}
    balances += [(who, date(2024, 6, 30), "closing", left, start) for who, left in later.items()]
    booked = [(who, date(2023, 12, 20), "card", "debit", 1, 5.0, start, "b") for who in people]
    booked += [
        (who, date(2024, 6, 20), "card", "debit", 1, 5.0, start, "b") for who in ("emptied but busy", "stays")
    ]
    booked += [("emptied", date(2024, 6, 20), "interest", "credit", 1, 0.1, start, "b")]
    frames = {
        "customer_holding": fill(spark, "gold.customer_holding", rows, HELD),
        "balance": fill(spark, "silver.balance", balances, ["account_id", "balance_on", "kind", "balance", "known_from"]),
        "account_daily": fill(
            spark, "gold.account_daily", booked,
            ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
        ),
    }  # fmt: skip
    spec, dates = trained.bank.section("models", ModelsSpec).churn, [date(2023, 12, 31)]
    labelled = churn_outcomes(frames, spec, churn_candidates(frames, spec, dates), dates)
    assert {r["customer_id"]: r["label"] for r in labelled.collect()} == {
        "closed": 1.0,
        "emptied": 1.0,
        "emptied but busy": 0.0,
        "stays": 0.0,
    }


def test_what_happens_after_a_date_moves_no_candidate_and_no_context(
    spark: SparkSession, trained: Trained
) -> None:
    day = date(2024, 3, 31)
    columns = [
        "account_id",
        "booked_on",
        "kind",
        "direction",
        "transactions",
        "amount",
        "known_from",
        "batch_id",
    ]
    planted = [
        ("a|C00000-DP", date(2024, 4, 15), "fee", "debit", 1, 9e6, date(2024, 4, 15), "b2"),  # happens later
        ("a|C00001-DP", date(2024, 3, 1), "fee", "debit", 1, 9e6, date(2024, 4, 15), "b2"),  # is known later
    ]
    future = fill(spark, "gold.account_daily", planted, columns)
    section = trained.bank.section("models", ModelsSpec)
    for name, spec in (("churn", section.churn), ("clv", section.clv), ("cross_sell", section.cross_sell)):
        model = trainable(name)
        frames = {n: trained.frames[t] for n, t in {**FRAMES, **model.tables}.items()}
        more = {**frames, "account_daily": frames["account_daily"].unionByName(future)}
        before = model.candidates(frames, spec, [day])
        after = model.candidates(more, spec, [day])
        assert before.exceptAll(after).count() == after.exceptAll(before).count() == 0, name


def test_contribution_is_margin_by_month_and_share_plus_fees_booked_and_yearly(spark: SparkSession) -> None:
    start, day = date(2020, 1, 1), date(2024, 3, 31)
    rows = [
        ("ann", "a1", "a1", "p|DP", "deposit", "owner", 0.5, start, None),
        ("ann", "l1", "a1", "p|LN", "loan", "owner", 1.0, date(2024, 1, 31), None),
        ("ann", "c1", "a1", "p|CC", "card", "owner", 1.0, start, date(2024, 3, 31)),
    ]
    booked = [
        ("a1", date(2024, 2, 9), "fee", "debit", 1, 8.0, start, "b"),
        ("a1", date(2024, 2, 9), "salary", "credit", 1, 900.0, start, "b"),
    ]
    frames = {
        "customer_holding": fill(spark, "gold.customer_holding", rows, HELD),
        "product": fill(
            spark, "silver.product",
            [("p|DP", "deposit", 0.012, 0, start, start), ("p|CC", "card", 0.0, 366.0, start, start)],
            ["product_id", "family", "margin", "fee", "valid_from", "known_from"],
        ),
        "balance": fill(
            spark, "silver.balance",
            [
                ("a1", date(2024, 1, 31), "closing", 5000.0, start),  # before the span
                ("a1", date(2024, 2, 15), "closing", 9999.0, start),  # not the month's last
                ("a1", date(2024, 2, 29), "closing", -1000.0, start),  # overdrawn: earns as well
                ("a1", date(2024, 3, 31), "closing", 2000.0, date(2024, 4, 5)),  # known only afterwards
            ],
            ["account_id", "balance_on", "kind", "balance", "known_from"],
        ),
        "card_statement": empty(spark, "silver.card_statement"),
        "loan": fill(
            spark, "silver.loan", [("l1", date(2024, 1, 31), 1200.0, 12, date(2024, 1, 31), date(2024, 1, 31))],
            ["loan_id", "granted_on", "amount", "term_months", "valid_from", "known_from"],
        ),
        "account_daily": fill(
            spark, "gold.account_daily", booked,
            ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
        ),
    }  # fmt: skip
    label, spans = ClvLabel(margins={"loan": 0.12}), {day: (date(2024, 1, 31), day)}
    loan = (1100 + 1000) * 0.12 / 12
    fees = 8 * 0.5 + 366.0 * 60 / 365
    for known_by, balances in ((None, 1000 + 2000), ("as_of", 1000)):
        [row] = contributed(frames, label, {"earned": spans}, known_by=known_by).collect()
        assert row["earned"] == pytest.approx(balances * 0.012 / 12 * 0.5 + loan + fees, abs=0.01)
