"""Each compiled rule gives the counts and the verdict that Great Expectations itself gives on the same frame."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import DataFrame, Observation, SparkSession

from expectations.engine import validate_with_gx
from expectations.gate import FAULTS, Suite
from expectations.suite import Rule

ROWS = [
    # key, other key, word, amount, opened, closed, plan
    ("a", "x", "core", "1.50", "2026-01-01", "2026-02-01", "one"),
    ("a", "x", "cards", "-2.00", "2026-03-01", "2026-02-01", "one"),
    ("b", None, None, None, "2026-01-01", None, None),
    (None, None, "CORE", "0.00", None, "2026-02-01", "two"),
    ("c", "x", "core|7", "99.99", "2026-02-01", "2026-02-01", None),
    ("c", "y", "", "100.00", None, None, "three"),
]


def _rule(type: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": type, "kwargs": kwargs}


ASKED = [
    _rule("expect_column_values_to_not_be_null", column="key"),
    _rule("expect_column_values_to_not_be_null", column="key", mostly=0.8),
    _rule("expect_column_values_to_not_be_null", column="key", mostly=0.9),
    _rule("expect_column_values_to_be_null", column="word"),
    _rule("expect_column_values_to_be_in_set", column="word", value_set=["core", "cards"]),
    _rule("expect_column_values_to_be_in_set", column="word", value_set=["core", "cards"], mostly=0.4),
    _rule("expect_column_values_to_not_be_in_set", column="word", value_set=["CORE"]),
    _rule("expect_column_values_to_be_between", column="amount", min_value=0),
    _rule("expect_column_values_to_be_between", column="amount", min_value=0, strict_min=True),
    _rule(
        "expect_column_values_to_be_between", column="amount", min_value=-2, max_value=100, strict_max=True
    ),
    _rule(
        "expect_column_values_to_be_between", column="opened", min_value="2026-01-15", max_value="2026-02-15"
    ),
    _rule("expect_column_values_to_match_regex", column="word", regex=r"^[a-z]+(\|\d+)?$"),
    _rule("expect_column_values_to_not_match_regex", column="word", regex="c"),
    _rule("expect_column_value_lengths_to_be_between", column="word", min_value=1, max_value=5),
    _rule("expect_column_value_lengths_to_equal", column="word", value=4),
    *(
        _rule(
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A="closed",
            column_B="opened",
            or_equal=or_equal,
            ignore_row_if=ignored,
        )
        for ignored in ("both_values_are_missing", "either_value_is_missing", "neither")
        for or_equal in (True, False)
    ),
    _rule("expect_column_pair_values_to_be_equal", column_A="opened", column_B="closed"),
    _rule(
        "expect_column_pair_values_to_be_equal", column_A="opened", column_B="closed", ignore_row_if="neither"
    ),
    _rule(
        "unexpected_rows_expectation",
        unexpected_rows_query="SELECT * FROM {batch} WHERE amount < 0 OR key = 'b'",
    ),
    _rule(
        "unexpected_rows_expectation",
        unexpected_rows_query="SELECT * FROM {batch} WHERE plan IS NULL AND word RLIKE '^.{{4,6}}$'",
    ),
    _rule(
        "unexpected_rows_expectation",
        unexpected_rows_query="SELECT key FROM {batch} GROUP BY key HAVING count(*) > 1",
    ),
    _rule("expect_column_values_to_be_unique", column="key"),
    _rule("expect_column_values_to_be_unique", column="amount"),
    _rule("expect_compound_columns_to_be_unique", column_list=["key", "other"]),
    _rule(
        "expect_compound_columns_to_be_unique",
        column_list=["key", "other"],
        ignore_row_if="any_value_is_missing",
    ),
    _rule("expect_compound_columns_to_be_unique", column_list=["other", "plan"], ignore_row_if="never"),
    _rule("expect_table_row_count_to_be_between", min_value=1, max_value=5),
    _rule("expect_table_row_count_to_equal", value=6),
    _rule("expect_column_sum_to_be_between", column="amount", min_value=199, max_value=200),
    _rule("expect_column_sum_to_be_between", column="amount", min_value=0, max_value=199),
    _rule("expect_column_mean_to_be_between", column="amount", min_value=39, max_value=40),
    _rule("expect_column_mean_to_be_between", column="amount", min_value=40),
    _rule("expect_column_min_to_be_between", column="amount", min_value=-2),
    _rule("expect_column_max_to_be_between", column="amount", max_value=100, strict_max=True),
    _rule(
        "expect_column_proportion_of_non_null_values_to_be_between",
        column="plan",
        min_value=0.6,
        max_value=0.7,
    ),
    _rule("expect_column_proportion_of_non_null_values_to_be_between", column="plan", min_value=0.7),
]
RULES = tuple(
    Rule.model_validate({**r, "severity": "warning", "meta": {"rule": f"r{i}", "action": "warn"}})
    for i, r in enumerate(ASKED)
)


def _frame(spark: SparkSession) -> DataFrame:
    names = "key string, other string, word string, amount string, opened string, closed string, plan string"
    return spark.createDataFrame(ROWS, names).selectExpr(
        "key", "other", "word", "cast(amount AS decimal(18,2)) AS amount", "cast(opened AS date) AS opened",
        "cast(closed AS date) AS closed", "plan",
    )  # fmt: skip


@pytest.mark.slow
def test_compiled_rules_say_what_great_expectations_says(spark: SparkSession) -> None:
    frame = _frame(spark)
    suite = Suite("silver.example", RULES)
    observed = Observation()
    marked = frame.withColumn(FAULTS, suite.row_faults())
    marked.observe(observed, *suite.observations()).write.format("noop").mode("overwrite").save()
    seen = observed.get
    ours = suite.judge({**seen, **suite.tally(marked, seen), **suite.measure(frame)}).results
    theirs = validate_with_gx(frame, RULES, "example")

    assert suite.for_engine == ()
    said = {r.rule: (r.outcome, r.failures) for r in ours}
    expected = {n: (r.outcome, r.failures) for n, r in theirs.items()}
    assert said == expected
    assert {r.outcome for r in ours} == {"ok", "warn"}
