"""What the gate says of a table: one result per rule, with counts and never a value, and the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from expectations.suite import Action, Rule, Severity

RuleOutcome = Literal["ok", "quarantined", "warn", "fail", "skipped"]
Outcome = Literal["ok", "warn", "fail"]
ROWS, KEPT = "rows", "rows_kept"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule on one table: rows looked at, rows (or, for an aggregate, 0 or 1) that failed."""

    rule: str
    type: str
    action: Action
    severity: Severity
    rows: int
    failures: int
    outcome: RuleOutcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """All rules on one table; `fail` stops the table, `warn` (which quarantined rows are too) is recorded."""

    table: str
    suite: str  # digest of the rules
    results: tuple[RuleResult, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the rules."""
        outcomes = {r.outcome for r in self.results}
        return "fail" if "fail" in outcomes else "warn" if outcomes & {"warn", "quarantined"} else "ok"

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that stop the table."""
        return tuple(r for r in self.results if r.outcome == "fail")

    def __str__(self) -> str:
        broken = [
            f"{r.rule} ({r.failures} of {r.rows})" for r in self.results if r.outcome not in ("ok", "skipped")
        ]
        return f"{self.table}: {self.outcome}" + (f": {', '.join(broken)}" if broken else "")


def judged(rule: Rule, rows: int, failures: int, considered: int | None = None) -> RuleResult:
    """The result of a rule that counts rows; `mostly` is a share of the `considered` ones."""
    of = rows if considered is None else considered
    held = failures == 0 or (of > 0 and (of - failures) / of >= rule.mostly)
    return decided(rule, rows, failures, held=held)


def judged_value(rule: Rule, rows: int, value: Any) -> RuleResult:
    """The result of a rule about one aggregate; no rows are judged by their count alone, never by a sum."""
    if value is None and rows == 0:
        return decided(rule, rows, 0, held=True)
    held = value is not None and _within(value, rule.kwargs)
    return decided(rule, rows, 0 if held else 1, held=held)


def skipped(rule: Rule) -> RuleResult:
    """The result of a rule whose reference tables aren't there: recorded, never silent."""
    return RuleResult(rule.name, rule.type, rule.meta.action, rule.severity, 0, 0, "skipped")


def decided(rule: Rule, rows: int, failures: int, *, held: bool) -> RuleResult:
    """The result of a rule that is known to hold or not."""
    outcome: RuleOutcome = "ok" if held else "fail" if rule.meta.action == "fail" else "warn"
    if rule.meta.action == "quarantine" and failures:
        # A rule that says how many may fail stops the table when more do; else each bad row steps aside.
        outcome = "fail" if not held and "mostly" in rule.kwargs else "quarantined"
    return RuleResult(rule.name, rule.type, rule.meta.action, rule.severity, rows, failures, outcome)


def _within(value: Any, kw: Mapping[str, Any]) -> bool:
    if "value" in kw:
        return bool(value == kw["value"])
    # Dates compare as ISO text, which is how a suite writes them; decimals and integers as numbers.
    plain = str if isinstance(value, str | date) else float
    number: Any = plain(value)
    low, high = (None if kw.get(k) is None else plain(kw[k]) for k in ("min_value", "max_value"))
    above = low is None or (number > low if kw.get("strict_min") else number >= low)
    below = high is None or (number < high if kw.get("strict_max") else number <= high)
    return bool(above and below)
