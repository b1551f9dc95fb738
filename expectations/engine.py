"""Great Expectations itself on a staged Spark frame: for the rare rules that don't compile, and as the
measure that the compiled ones are held to. Results are counts: no value of any row leaves this module.

Importing GX takes 11–40 s, so it is imported only when called.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame

from expectations.suite import QUERY_TYPE, Rule
from expectations.verdict import RuleResult, decided


def validate_with_gx(frame: DataFrame, rules: Iterable[Rule], table: str) -> dict[str, RuleResult]:
    """Rule name → result, GX's own verdict on `frame`.

    Raises RuntimeError where GX couldn't evaluate a rule; the message names the rule alone.
    """
    import great_expectations as gx  # noqa: PLC0415 - see the module's docstring

    asked = list(rules)
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_spark(table).add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe(table).get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(table, expectations=[r.config for r in asked])
    # SUMMARY without values: neither keys nor examples are collected.
    said = batch.validate(
        suite, result_format={"result_format": "SUMMARY", "exclude_unexpected_values": True}
    )
    found = {_name(r): r for r in said.results}
    return {rule.name: _counts(rule, found[rule.name]) for rule in asked}


def _counts(rule: Rule, said: Any) -> RuleResult:
    if said.exception_info and _raised(said.exception_info):
        raise RuntimeError(f"Great Expectations could not evaluate the rule {rule.name} ({rule.type})")
    result = said.result or {}
    counted = result.get("observed_value" if rule.type == QUERY_TYPE else "unexpected_count")
    failures = int(counted or not said.success)
    return decided(rule, int(result.get("element_count") or 0), failures, held=bool(said.success))


def _name(said: Any) -> str:
    return str(said.expectation_config.meta["rule"])


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(bool(i.get("raised_exception")) for i in info.values() if isinstance(i, dict))
