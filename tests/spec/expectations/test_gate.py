"""A table goes in, a verdict comes out: good rows, quarantined rows with reasons, and what stops a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from expectations import quarantine, results
from expectations.gate import FAULTS, Suite
from expectations.suite import Rule
from expectations.verdict import KEPT, ROWS, Verdict

TYPES = "account_id string, direction string, amount int, batch_id string"


def _rule(
    name: str, type: str, action: str, references: Mapping[str, str] | None = None, **kwargs: Any
) -> Rule:
    meta = {"rule": name, "action": action, "references": dict(references or {})}
    return Rule.model_validate({"type": type, "kwargs": kwargs, "severity": "critical", "meta": meta})


KEY = _rule("account_id_missing", "expect_column_values_to_not_be_null", "quarantine", column="account_id")
DIRECTION = _rule(
    "direction_unknown",
    "expect_column_values_to_be_in_set",
    "quarantine",
    column="direction",
    value_set=["credit"],
)
SMALL = _rule("amount_large", "expect_column_values_to_be_between", "warn", column="amount", max_value=100)
TOTAL = _rule("total_negative", "expect_column_sum_to_be_between", "fail", column="amount", min_value=0)
UNIQUE = _rule("key_repeated", "expect_column_values_to_be_unique", "fail", column="account_id")
ORPHAN = _rule(
    "account_unheard_of",
    "unexpected_rows_expectation",
    "warn",
    {"known_account": "silver.account"},
    unexpected_rows_query="SELECT b.* FROM {batch} b LEFT ANTI JOIN known_account k ON b.account_id = k.account_id",
)


def _run(
    suite: Suite, frame: DataFrame, references: Mapping[str, DataFrame] | None = None
) -> tuple[DataFrame, DataFrame, Verdict]:
    """As the runner does it: mark, observe while writing, split, measure, judge."""
    observed = Observation()
    marked = frame.withColumn(FAULTS, suite.row_faults())
    marked.observe(observed, *suite.observations()).write.format("noop").mode("overwrite").save()
    good, bad = quarantine.split(marked)
    seen = observed.get
    return good, bad, suite.judge({**seen, **suite.tally(marked, seen), **suite.measure(good, references)})


def _said(verdict: Verdict) -> dict[str, tuple[int, int, str]]:
    return {r.rule: (r.rows, r.failures, r.outcome) for r in verdict.results}


def test_bad_rows_step_aside_with_every_reason_and_the_rest_is_judged(spark: SparkSession) -> None:
    frame = spark.createDataFrame(
        [("a", "credit", 7, "b1"), (None, "sideways", -500, "b1"), ("c", None, 200, "b1")], TYPES
    )
    suite = Suite("silver.example", (KEY, DIRECTION, SMALL, TOTAL, UNIQUE))
    good, bad, verdict = _run(suite, frame)

    assert {r["account_id"] for r in good.collect()} == {"a", "c"}
    assert [r[FAULTS] for r in bad.collect()] == [["account_id_missing", "direction_unknown"]]
    assert _said(verdict) == {
        "account_id_missing": (3, 1, "quarantined"),
        "direction_unknown": (3, 1, "quarantined"),
        "amount_large": (2, 1, "warn"),
        "total_negative": (2, 0, "ok"),  # the quarantined -500 isn't in the total
        "key_repeated": (2, 0, "ok"),
    }
    assert verdict.outcome == "warn"


def test_a_broken_fail_rule_stops_the_table_and_is_named(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", "credit", -1, "b1"), ("a", "credit", -2, "b1")], TYPES)
    _, _, verdict = _run(Suite("silver.example", (TOTAL, UNIQUE)), frame)
    assert verdict.outcome == "fail"
    assert [(r.rule, r.failures) for r in verdict.failed] == [("total_negative", 1), ("key_repeated", 2)]
    assert str(verdict) == "silver.example: fail: total_negative (1 of 2), key_repeated (2 of 2)"


def test_a_flood_into_quarantine_stops_the_table_where_the_rule_says_how_many_may_fail(
    spark: SparkSession,
) -> None:
    rule = _rule(
        "direction_unknown",
        "expect_column_values_to_be_in_set",
        "quarantine",
        column="direction",
        value_set=["credit"],
        mostly=0.5,
    )
    half = spark.createDataFrame([("a", "credit", 1, "b"), ("b", "x", 1, "b"), ("c", None, 1, "b")], TYPES)
    most = half.union(spark.createDataFrame([("d", "x", 1, "b")], TYPES))
    assert _run(Suite("silver.example", (rule,)), half)[2].outcome == "warn"
    assert _run(Suite("silver.example", (rule,)), most)[2].outcome == "fail"


def test_an_empty_day_passes_all_but_a_count(spark: SparkSession) -> None:
    count = _rule("nothing_came", "expect_table_row_count_to_be_between", "warn", min_value=1)
    _, _, verdict = _run(
        Suite("silver.example", (KEY, SMALL, TOTAL, UNIQUE, count)), spark.createDataFrame([], TYPES)
    )
    assert {r.rule for r in verdict.results if r.outcome != "ok"} == {"nothing_came"}


def test_orphans_are_counted_against_the_reference_and_skipped_aloud_without_it(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", "credit", 1, "b1"), ("z", "credit", 1, "b1")], TYPES)
    suite = Suite("silver.example", (ORPHAN, UNIQUE))
    known = spark.createDataFrame([("a",)], "account_id string")
    assert suite.references == {"silver.account"}
    assert _said(_run(suite, frame, {"silver.account": known})[2])["account_unheard_of"] == (2, 1, "warn")
    assert _said(_run(suite, frame)[2])["account_unheard_of"] == (0, 0, "skipped")
    assert spark.sql("SHOW VIEWS LIKE 'gate_*'").isEmpty()


def test_what_the_writer_has_proved_unique_costs_nothing(spark: SparkSession) -> None:
    suite = Suite("silver.example", (UNIQUE,))
    unread = spark.range(1).select(F.raise_error(F.lit("read")).alias("account_id"))
    assert suite.measure(unread, proven=("account_id",)) == {"key_repeated": 0}


def test_a_rule_that_was_not_measured_is_an_error() -> None:
    suite = Suite("silver.example", (SMALL,))
    with pytest.raises(KeyError, match="amount_large"):
        suite.judge({ROWS: 1, KEPT: 1})


def test_quarantine_keeps_the_row_its_reasons_and_whose_it_is(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(None, "credit", 5, "b1"), ("a", "debit", 6, "b1")], TYPES)
    _, bad, _ = _run(Suite("silver.example", (KEY, DIRECTION)), frame)
    kept = quarantine.refused(bad, "silver.example", date(2026, 1, 31), subject="account_id")
    assert kept.schema.simpleString() == quarantine.SCHEMA.simpleString()
    rows = {r["raw"]: (r["table"], r["batch_id"], r["subject_key"], r["reasons"]) for r in kept.collect()}
    assert rows == {
        '{"direction":"credit","amount":5,"batch_id":"b1"}': (
            "silver.example", "b1", None, ["account_id_missing"],
        ),
        '{"account_id":"a","direction":"debit","amount":6,"batch_id":"b1"}': (
            "silver.example", "b1", "a", ["direction_unknown"],
        ),
    }  # fmt: skip


def test_results_hold_counts_and_no_value_of_any_row(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("secret-account", "secret-direction", 4321, "b1")], TYPES)
    suite = Suite("silver.example", (KEY, DIRECTION, SMALL, TOTAL))
    _, _, verdict = _run(suite, frame)
    table = results.frame(spark, [verdict], date(2026, 1, 31))
    assert table.schema == results.SCHEMA
    rows = table.collect()
    assert [r["rule"] for r in rows] == [
        "account_id_missing",
        "direction_unknown",
        "amount_large",
        "total_negative",
    ]
    assert {r["suite"] for r in rows} == {suite.hash}
    assert "secret" not in str(rows)
    assert "4321" not in str(rows)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["credit", "debit", "", None]),
            st.one_of(st.none(), st.integers(-200, 200)),
            st.just("b1"),
        ),
        max_size=8,
    )
)
@settings(max_examples=12)
def test_rows_are_those_that_passed_and_those_in_quarantine(
    spark: SparkSession, rows: list[tuple[str | None, str | None, int | None, str]]
) -> None:
    good, bad, verdict = _run(
        Suite("silver.example", (KEY, DIRECTION, SMALL)), spark.createDataFrame(rows, TYPES)
    )
    passed = [r for r in rows if r[0] is not None and r[1] in ("credit", None)]
    assert sorted(map(str, (tuple(r) for r in good.collect()))) == sorted(map(str, passed))
    assert good.count() + bad.count() == len(rows)
    said = _said(verdict)
    assert said["account_id_missing"][:2] == (len(rows), sum(r[0] is None for r in rows))
    assert said["amount_large"][:2] == (len(passed), sum((r[2] or 0) > 100 for r in passed))
