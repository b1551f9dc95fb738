"""Suites of Great Expectations rules as frozen types: read from YAML, each fault named by file, line and key.

The `expectations` list of a file is what great_expectations.ExpectationSuite takes, word for word; GX itself
isn't imported here, because it takes 11–40 s and the nightly run needs only the compiled rules.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from conf.errors import ConfError
from conf.located import Located, load
from conf.sql import columns_in

Action = Literal["quarantine", "fail", "warn"]
Severity = Literal["critical", "warning", "info"]
Kind = Literal["row", "aggregate", "shuffle", "engine"]

ROW_TYPES: Final = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_null",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_between",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
    }
)
AGGREGATE_TYPES: Final = frozenset(
    {
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal",
        "expect_column_sum_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)
UNIQUE_TYPES: Final = frozenset({"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"})
QUERY_TYPE: Final = "unexpected_rows_expectation"
# A query of this form is a predicate on one row, so it needs no query at all.
_PREDICATE: Final = re.compile(
    r"\s*select\s+\*\s+from\s+\{batch\}\s+where\s+(?P<sql>.+?)[\s;]*", re.IGNORECASE | re.DOTALL
)
# Keyword arguments the compiler would have to understand; with any of them GX runs the rule itself.
_ENGINE_ONLY: Final = frozenset({"row_condition", "condition_parser", "windows"})


class Meta(BaseModel):
    """What the gate does about a rule: its short name, its action, tables its query reads beside the batch."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rule: str = Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
    action: Action
    references: dict[str, str] = Field(default_factory=dict)  # view name in the query → table
    seen: tuple[str, ...] = ()  # those views of which only the rows that the build saw count
    why: str = ""


class Rule(BaseModel):
    """One expectation as GX knows it, and the gate's meta."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str = Field(pattern=r"^(expect_[a-z_]+|unexpected_rows_expectation)$")
    kwargs: dict[str, Any]
    severity: Severity
    meta: Meta

    @property
    def name(self) -> str:
        """The rule's short name, unique within its table."""
        return self.meta.rule

    @property
    def mostly(self) -> float:
        """Share of considered rows that must hold; 1 where the rule says nothing."""
        return float(self.kwargs.get("mostly", 1))

    @cached_property
    def predicate(self) -> str | None:
        """For a query of the form SELECT * FROM {batch} WHERE …: the SQL that is true for a bad row."""
        if self.type != QUERY_TYPE or not (
            found := _PREDICATE.fullmatch(self.kwargs["unexpected_rows_query"])
        ):
            return None
        sql = found["sql"].replace("{{", "{").replace("}}", "}")
        try:
            columns_in(sql)
        except ValueError:  # not one expression, so a query for Spark
            return None
        return sql

    @cached_property
    def kind(self) -> Kind:
        """How the rule is judged: a predicate on rows, an observed aggregate, a query of its own, or GX."""
        if _ENGINE_ONLY & self.kwargs.keys():
            return "engine"
        if self.type in ROW_TYPES or self.predicate is not None:
            return "row"
        if self.type in AGGREGATE_TYPES:
            return "aggregate"
        return "shuffle" if self.type in UNIQUE_TYPES or self.type == QUERY_TYPE else "engine"

    @property
    def columns(self) -> frozenset[str]:
        """Columns the rule reads from its own table, as far as they can be told without Spark."""
        named = {self.kwargs[k] for k in ("column", "column_A", "column_B") if k in self.kwargs}
        named |= set(self.kwargs.get("column_list", ()))
        return frozenset(named | (columns_in(sql) if (sql := self.predicate) else set()))

    @property
    def config(self) -> dict[str, Any]:
        """The dict that great_expectations.ExpectationSuite takes."""
        return self.model_dump(exclude_defaults=True)


class SuiteFile(BaseModel):
    """One YAML file of expectations."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    description: str = ""
    expectations: tuple[Rule, ...]


def read_rules(files: Iterable[Path]) -> tuple[Rule, ...]:
    """Rules of all `files`, in order; a later file's rule replaces an earlier one of the same name.

    Raises ConfError with file, line and key.
    """
    rules: dict[str, Rule] = {}
    for file in files:
        located = load(file)
        found = located.read(SuiteFile).expectations
        _check(found, located)
        rules.update({rule.name: rule for rule in found})
    return tuple(rules.values())


def digest(table: str, rules: tuple[Rule, ...]) -> str:
    """SHA-256 (first 16 hex digits) of what is asked of `table`: the same rules give the same digest."""
    text = json.dumps([table, [rule.config for rule in rules]], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check(rules: tuple[Rule, ...], located: Located) -> None:
    seen: set[str] = set()
    for i, rule in enumerate(rules):
        file, line = located.where(("expectations", i))
        key = f"expectations.{i} ({rule.name})"
        if rule.name in seen:
            raise ConfError(
                file, line, key, "a rule of this name stands above", "give each rule its own name"
            )
        if rule.meta.action == "quarantine" and rule.kind != "row":
            raise ConfError(file, line, key, f"{rule.type} can't tell which row is bad", "use fail or warn")
        if rule.type == QUERY_TYPE and "{batch}" not in rule.kwargs.get("unexpected_rows_query", ""):
            raise ConfError(file, line, key, "the query doesn't read {batch}", "write FROM {batch}")
        if rule.meta.references and rule.kind != "shuffle":
            raise ConfError(file, line, key, "only a query may name references", "remove references")
        if unknown := set(rule.meta.seen) - rule.meta.references.keys():
            raise ConfError(file, line, key, f"no reference is named {min(unknown)}", "name it in references")
        seen.add(rule.name)
