"""The gate between staging and commit: a table's suite, compiled to Spark, and its verdict.

    suite = load_suite("silver.party", *trees)
    marked = frame.withColumn(FAULTS, suite.row_faults())
    staged = marked.observe(observation, *suite.observations())        # and write, one pass
    seen = observation.get
    verdict = suite.judge({**seen, **suite.tally(marked, seen), **suite.measure(good, references)})

`fail` stops the table, `warn` and quarantined rows are recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pyspark.sql import Column, DataFrame

from expectations import measures
from expectations.measures import CONSIDERED, FAULTS
from expectations.suite import Rule, digest, read_rules
from expectations.verdict import KEPT, ROWS, RuleResult, Verdict, judged, judged_value, skipped

__all__ = ["FAULTS", "KEPT", "ROWS", "Suite", "Verdict", "load_suite"]

SUITES: Final = Path(__file__).parent / "suites"
DEFAULT: Final = "_default"  # bronze only: the rules of every contract's table


@dataclass(frozen=True, slots=True)
class Suite:
    """All rules of one table."""

    table: str
    rules: tuple[Rule, ...]

    @property
    def hash(self) -> str:
        """Digest of the rules, kept with each result."""
        return digest(self.table, self.rules)

    @property
    def references(self) -> frozenset[str]:
        """Tables that rules of this suite look into."""
        return frozenset(t for r in self.rules for t in r.meta.references.values())

    @property
    def seen(self) -> frozenset[str]:
        """Those of which only what the build saw counts."""
        return frozenset(r.meta.references[view] for r in self.rules for view in r.meta.seen)

    @property
    def config(self) -> list[dict[str, Any]]:
        """What great_expectations.ExpectationSuite takes."""
        return [r.config for r in self.rules]

    @property
    def for_engine(self) -> tuple[Rule, ...]:
        """The rare rules that only GX itself can judge (expectations.engine)."""
        return tuple(r for r in self.rules if r.kind == "engine")

    def row_faults(self) -> Column:
        """array<string> of the quarantine rules that a row breaks; empty for a good row."""
        return measures.row_faults(self.rules)

    def observations(self, faults: str = FAULTS) -> list[Column]:
        """Aliased aggregates to observe while writing; `faults` names the column made of row_faults()."""
        return measures.observations(self.rules, faults)

    def tally(self, marked: DataFrame, metrics: Mapping[str, Any], faults: str = FAULTS) -> dict[str, int]:
        """Failures of the quarantine rules: one action over `marked`, and none where `metrics` (as observed)
        says that every row was kept.
        """
        return measures.tally(self.rules, marked, metrics, faults)

    def measure(
        self,
        staged: DataFrame,
        references: Mapping[str, DataFrame] | None = None,
        proven: Iterable[str] = (),
        seen: Mapping[str, DataFrame] | None = None,
    ) -> dict[str, int]:
        """Uniqueness and queries over the staged good rows: one action, and none where nothing needs one.

        `references`: frames by table name, for the tables in `self.references`; `proven`: a key that the
        writer has made unique already; `seen`: what the build saw of tables that it saw partly.
        """
        return measures.measure(self.rules, staged, references or {}, proven, seen)

    def judge(self, metrics: Mapping[str, Any]) -> Verdict:
        """The verdict from observed and measured metrics; a rule of GX's engine comes as a RuleResult.

        A query whose reference tables weren't there is skipped. Raises KeyError where another rule of the
        suite wasn't measured: silence isn't consent.
        """
        return Verdict(self.table, self.hash, tuple(_judge(r, metrics) for r in self.rules))


@cache
def load_suite(table: str, *trees: Path) -> Suite | None:
    """The suite of `layer.name`: this folder's file, then that of each further tree (a bank's
    `expectations` folder), later rules replacing earlier ones of the same name. Bronze tables share a
    default. None where no file speaks of the table. Raises ConfError with file, line and key.
    """
    layer, _, name = table.partition(".")
    names = [DEFAULT, name] if layer == "bronze" else [name]
    found = [f for tree in (SUITES, *trees) for n in names if (f := tree / layer / f"{n}.yml").is_file()]
    return Suite(table, read_rules(found)) if found else None


def _judge(rule: Rule, metrics: Mapping[str, Any]) -> RuleResult:
    if rule.kind == "engine":
        result: RuleResult = metrics[rule.name]
        return result
    if rule.meta.references and rule.name not in metrics:
        return skipped(rule)
    rows = metrics[ROWS] if rule.meta.action == "quarantine" else metrics[KEPT]
    if rule.type.startswith("expect_table_row_count"):
        return judged_value(rule, rows, rows)
    if rule.kind == "aggregate":
        return judged_value(rule, rows, metrics[rule.name])
    return judged(rule, rows, metrics[rule.name], metrics.get(rule.name + CONSIDERED))
