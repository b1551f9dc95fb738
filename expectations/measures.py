"""What is measured for a suite: aggregates observed in the pass that stages the rows, and, for uniqueness
and queries, which need a shuffle, one further action over the staged change for all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final
from uuid import uuid4

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from expectations.marks import named
from expectations.predicates import considered, fault
from expectations.suite import QUERY_TYPE, UNIQUE_TYPES, Rule
from expectations.verdict import KEPT, ROWS

FAULTS: Final = "_faults"  # array<string>: names of the rules that send the row to quarantine
CONSIDERED: Final = "__considered"


def row_faults(rules: Iterable[Rule]) -> Column:
    """array<string>, empty for a good row: names of the quarantine rules that the row breaks."""
    return named(F.when(fault(r), F.lit(r.name)) for r in rules if _sets_aside(r))


def observations(rules: Iterable[Rule], faults: str = FAULTS) -> list[Column]:
    """Aliased aggregates for DataFrame.observe over all rows, those for quarantine included.

    Quarantine rules are counted afterwards (`tally`), from the few rows that break one; the others are
    about the rows that stay.
    """
    kept = F.size(faults) == 0
    columns = [F.count(F.lit(1)).alias(ROWS), F.count_if(kept).alias(KEPT)]
    for rule in rules:
        columns += _observed(rule, kept)
    return columns


def tally(
    rules: Iterable[Rule], marked: DataFrame, metrics: Mapping[str, Any], faults: str = FAULTS
) -> dict[str, int]:
    """Failures of each quarantine rule among `marked` rows: one action, and none where all rows were kept."""
    counts = {r.name: 0 for r in rules if _sets_aside(r)}
    if metrics[ROWS] == metrics[KEPT]:
        return counts
    bad = marked.where(F.size(faults) > 0).select(F.explode(F.array_distinct(faults)).alias("rule"))
    told = {row["rule"]: int(row["count"]) for row in bad.groupBy("rule").count().collect()}
    return {name: told.get(name, 0) for name in counts}


def measure(
    rules: Iterable[Rule],
    staged: DataFrame,
    references: Mapping[str, DataFrame],
    proven: Iterable[str] = (),
    seen: Mapping[str, DataFrame] | None = None,
) -> dict[str, int]:
    """Failures of each rule that needs a shuffle, from one Spark action over the staged change.

    `references` holds frames by table name; a rule whose tables aren't among them is left out. `proven` are
    columns that the writer has already made unique together: what follows from that costs nothing. `seen` are the
    tables of which the build saw only some rows.
    """
    key, views, failures = frozenset(proven), _Views(staged, references, seen or {}), dict[str, int]()
    counts: list[DataFrame] = []
    try:
        for rule in (r for r in rules if r.kind == "shuffle" and views.has(r)):
            if rule.type in UNIQUE_TYPES and key and key <= rule.columns:
                failures[rule.name] = 0
            else:
                counts.append(_count(rule, views))
        rows = reduce(DataFrame.unionByName, counts).collect() if counts else []
        return {**failures, **{row["rule"]: int(row["failures"]) for row in rows}}
    finally:
        views.drop()


def _sets_aside(rule: Rule) -> bool:
    return rule.kind == "row" and rule.meta.action == "quarantine"


def _observed(rule: Rule, kept: Column) -> list[Column]:
    if rule.kind == "aggregate" and rule.type in _AGGREGATES:
        return [_AGGREGATES[rule.type](rule.kwargs, kept).alias(rule.name)]
    if rule.kind != "row":
        return []
    aside = _sets_aside(rule)
    columns = [] if aside else [F.count_if(kept & fault(rule)).alias(rule.name)]
    if rule.mostly < 1:
        base = considered(rule) if aside else kept & considered(rule)
        columns.append(F.count_if(base).alias(rule.name + CONSIDERED))
    return columns


def _value(kwargs: Mapping[str, Any], kept: Column) -> Column:
    return F.when(kept, F.col(kwargs["column"]))


_AGGREGATES: Final[Mapping[str, Callable[[Mapping[str, Any], Column], Column]]] = {
    "expect_column_sum_to_be_between": lambda kw, kept: F.sum(_value(kw, kept)),
    "expect_column_mean_to_be_between": lambda kw, kept: F.avg(_value(kw, kept)),
    "expect_column_min_to_be_between": lambda kw, kept: F.min(_value(kw, kept)),
    "expect_column_max_to_be_between": lambda kw, kept: F.max(_value(kw, kept)),
    "expect_column_proportion_of_non_null_values_to_be_between": lambda kw, kept: (
        F.count(_value(kw, kept)) / F.nullif(F.count_if(kept), F.lit(0))
    ),
}


def _count(rule: Rule, views: _Views) -> DataFrame:
    failures = views.failing(rule) if rule.type == QUERY_TYPE else _duplicates(rule, views.staged)
    return failures.select(F.lit(rule.name).alias("rule"), "failures")


def _duplicates(rule: Rule, staged: DataFrame) -> DataFrame:
    """One row: rows whose key occurs more than once. Nulls are left out as GX does."""
    keys = [F.col(c) for c in rule.kwargs.get("column_list", [rule.kwargs.get("column")])]
    blank = reduce(Column.__and__, [key.isNull() for key in keys])
    if rule.kwargs.get("ignore_row_if") == "any_value_is_missing":
        blank = reduce(Column.__or__, [key.isNull() for key in keys])
    if rule.kwargs.get("ignore_row_if") == "never":
        blank = F.lit(False)
    groups = staged.where(~blank).groupBy(*keys).agg(F.count(F.lit(1)).alias("n")).where("n > 1")
    return groups.agg(F.coalesce(F.sum("n"), F.lit(0)).alias("failures"))


class _Views:
    """Temporary views under names of their own, so that queries of two tables never meet."""

    def __init__(
        self, staged: DataFrame, references: Mapping[str, DataFrame], seen: Mapping[str, DataFrame]
    ) -> None:
        self.staged, self._references, self._seen = staged, references, seen
        self._made: dict[tuple[str, bool], str] = {}

    def has(self, rule: Rule) -> bool:
        return set(rule.meta.references.values()) <= self._references.keys()

    def failing(self, rule: Rule) -> DataFrame:
        """One row: the number of rows that the rule's query returns."""
        query = rule.kwargs["unexpected_rows_query"].format(batch=self._name(("", False), self.staged))
        for view, table in rule.meta.references.items():
            partly = view in rule.meta.seen and table in self._seen
            frame = (self._seen if partly else self._references)[table]
            query = re.sub(rf"\b{view}\b", self._name((table, partly), frame), query)
        return self.staged.sparkSession.sql(query).agg(F.count(F.lit(1)).alias("failures"))

    def drop(self) -> None:
        for name in self._made.values():
            self.staged.sparkSession.catalog.dropTempView(name)

    def _name(self, what: tuple[str, bool], frame: DataFrame) -> str:
        if what not in self._made:
            self._made[what] = f"gate_{uuid4().hex}"
            frame.createOrReplaceTempView(self._made[what])
        return self._made[what]
