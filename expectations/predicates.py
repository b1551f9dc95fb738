"""Row rules compiled to Spark: for each, the Column that is true for a bad row and never null.

Each follows what Great Expectations 1.24 does on Spark (great_expectations/expectations/metrics), nulls
included; tests/spec/expectations compares them with GX itself on one frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pyspark.sql import Column
from pyspark.sql import functions as F

from expectations.suite import QUERY_TYPE, Rule

Kwargs = Mapping[str, Any]


def fault(rule: Rule) -> Column:
    """True where the row breaks the rule, false where it holds or isn't considered."""
    if rule.type == QUERY_TYPE:
        return F.coalesce(F.expr(str(rule.predicate)), F.lit(False))
    return F.coalesce(considered(rule) & ~_HOLDS[rule.type](rule.kwargs), F.lit(False))


def considered(rule: Rule) -> Column:
    """True where GX counts the row for or against the rule (nulls mostly aren't)."""
    kw = rule.kwargs
    if "column_A" in kw:
        return _PAIRS_CONSIDERED[kw.get("ignore_row_if", "both_values_are_missing")](
            F.col(kw["column_A"]).isNull(), F.col(kw["column_B"]).isNull()
        )
    if rule.type in _NULL_TYPES or "column" not in kw:
        return F.lit(True)
    return F.col(kw["column"]).isNotNull()


def within(value: Column, kw: Kwargs) -> Column:
    """Value between min_value and max_value, either open end allowed, strict where asked."""
    low, high = kw.get("min_value"), kw.get("max_value")
    held = F.lit(True)
    if low is not None:
        held = held & (value > F.lit(low) if kw.get("strict_min") else value >= F.lit(low))
    if high is not None:
        held = held & (value < F.lit(high) if kw.get("strict_max") else value <= F.lit(high))
    return held


def _of(kw: Kwargs) -> Column:
    return F.col(kw["column"])


def _a_above_b(kw: Kwargs) -> Column:
    a, b = F.col(kw["column_A"]), F.col(kw["column_B"])
    return a >= b if kw.get("or_equal") else a > b


_NULL_TYPES: Final = frozenset({"expect_column_values_to_not_be_null", "expect_column_values_to_be_null"})
_PAIRS_CONSIDERED: Final[Mapping[str, Callable[[Column, Column], Column]]] = {
    "both_values_are_missing": lambda a, b: ~(a & b),
    "either_value_is_missing": lambda a, b: ~(a | b),
    "neither": lambda _a, _b: F.lit(True),
}
_HOLDS: Final[Mapping[str, Callable[[Kwargs], Column]]] = {
    "expect_column_values_to_not_be_null": lambda kw: _of(kw).isNotNull(),
    "expect_column_values_to_be_null": lambda kw: _of(kw).isNull(),
    "expect_column_values_to_be_in_set": lambda kw: _of(kw).isin(list(kw["value_set"])),
    "expect_column_values_to_not_be_in_set": lambda kw: ~_of(kw).isin(list(kw["value_set"])),
    "expect_column_values_to_be_between": lambda kw: within(_of(kw), kw),
    "expect_column_values_to_match_regex": lambda kw: _of(kw).rlike(kw["regex"]),
    "expect_column_values_to_not_match_regex": lambda kw: ~_of(kw).rlike(kw["regex"]),
    "expect_column_value_lengths_to_be_between": lambda kw: within(F.length(_of(kw)), kw),
    "expect_column_value_lengths_to_equal": lambda kw: F.length(_of(kw)) == F.lit(kw["value"]),
    "expect_column_pair_values_a_to_be_greater_than_b": _a_above_b,
    "expect_column_pair_values_to_be_equal": lambda kw: F.col(kw["column_A"]).eqNullSafe(
        F.col(kw["column_B"])
    ),
}
