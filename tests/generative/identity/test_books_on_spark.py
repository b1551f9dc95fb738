"""Many random books at once, day by day through the real builds: one Spark frame holds them all."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from conf.bank import open_bank
from jobs.identity import crosswalk, decision, event
from tests.generative.identity.histories import DAYS, History, histories

BOOKS = 12
RECORD = (
    "record_id string, source string, kind string, since date, late int, is_live boolean, "
    "slots array<string>, soft_slots array<string>"
)
PAIR = "record_l string, record_r string, kind string, probability double, weight double, certain string"
MOVE = "party_id string, customer_id string, kind string, since date, valid_from date, is_deleted boolean"
Books = list[History]


def on(day: int) -> date:
    return date(2025, 1, day)


def of_day(spark: SparkSession, books: Books, day: int) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Records, pairs and decisions of all books as known on a day."""
    known = {r for b in books for r in b.known(day)}
    records: list[tuple[Any, ...]] = [
        (r, "core", "person", on(b.came[r]), 0, True, b.numbers[r], []) for b in books for r in b.known(day)
    ]
    pairs = [
        (*pair, "person", p, p, rule)
        for b in books
        for pair, (p, rule) in b.links.items()
        if known.issuperset(pair)
    ]
    words = [
        (f"{i}{d.decision_id}", d.record_l, d.record_r, d.decision, d.author, "why", d.decided_at, on(d.batch), d.batch, "new")
        for i, b in enumerate(books) for d in b.log(day)
    ]  # fmt: skip
    return (
        spark.createDataFrame(records, RECORD),
        spark.createDataFrame(pairs, PAIR),
        spark.createDataFrame(words, decision.SCHEMA.spark),
    )


def name_of(record: str) -> str:
    return "C" + hashlib.sha256(record.encode()).hexdigest()[:16].upper()


@pytest.mark.slow
@settings(max_examples=1, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_random_days_of_deliveries_and_decisions(spark: SparkSession, drawn: Any) -> None:
    books: Books = [drawn.draw(histories(f"b{i}r")) for i in range(BOOKS)]
    bank = open_bank("demo")
    log: list[tuple[Any, ...]] = []
    standing: dict[str, str] = {}
    built: dict[str, DataFrame] = {}
    for day in range(1, DAYS + 1):
        records, pairs, words = of_day(spark, books, day)
        told = decision.build(words)["identity.decision"]
        built = crosswalk.build(records, pairs, told, bank=bank, as_of=on(day))
        today = {r["party_id"]: r["customer_id"] for r in built["identity.crosswalk"].collect()}
        assert today == {r: name_of(c) for b in books for r, c in b.customers(day).items()}
        came = {r: on(b.came[r]) for b in books for r in b.came}
        log += [(r, c, "person", came[r], on(day), False) for r, c in today.items() if standing.get(r) != c]
        standing = today
    events = event.build(
        spark.createDataFrame(log, MOVE), built["identity.crosswalk"], of_day(spark, books, DAYS)[2]
    )
    living = set(standing.values())
    rows = events["identity.event"].collect()
    for customer in {c for _, c, *_ in log}:
        mine = [r["kind"] for r in rows if r["customer_id"] == customer]
        assert mine.count("birth") == 1
        alive = 1 + mine.count("return") - mine.count("merge") - mine.count("retire")
        assert alive == (customer in living), (customer, mine)
    redirects = {r["old_customer_id"]: r["customer_id"] for r in events["identity.redirect"].collect()}
    assert redirects.keys() == {c for _, c, *_ in log} - living
    assert set(redirects.values()) <= living
    assert len({r["event_id"] for r in rows}) == len(rows)
