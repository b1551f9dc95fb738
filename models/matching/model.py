"""A frozen match model: comparison levels with their m and u, and the term frequencies they were scored with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import log2
from typing import Any

from splink import SettingsCreator
from splink import comparison_level_library as cll
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from conf.matching import Comparison, EntityMatching, Level


@dataclass(frozen=True)
class MatchModel:
    """`rules` with estimated (or starting) parameters. `term_frequencies` (column → value → share) are those
    of the training day; empty means: take them from the records at hand.
    """

    rules: EntityMatching
    term_frequencies: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def rare_columns(self) -> tuple[str, ...]:
        """Columns whose term frequencies sharpen a level."""
        levels = [level for c in self.rules.comparisons.values() for level in c.levels]
        return tuple(sorted({level.rare for level in levels if level.rare}))

    def settings(self, dialect: str) -> dict[str, Any]:
        """The model as Splink settings for `duckdb` or `spark`."""
        creator = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_id",
            probability_two_random_records_match=self.rules.prior,
            comparisons=[_comparison(name, c, dialect) for name, c in self.rules.comparisons.items()],
            blocking_rules_to_generate_predictions=[],
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=True,
        )
        return creator.create_settings_dict(dialect)

    def to_json(self) -> str:
        """The model as text: rules and parameters by name, Splink's own settings beside them, to be read by both."""
        body = {
            "rules": self.rules.model_dump(mode="json", exclude_defaults=True),
            "term_frequencies": self.term_frequencies,
            "splink": self.settings("duckdb"),
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> MatchModel:
        """The model that `to_json` wrote."""
        body = json.loads(text)
        return cls(EntityMatching.model_validate(body["rules"]), body["term_frequencies"])


def weights_of(model: MatchModel, name: str) -> list[tuple[str, float]]:
    """(label, match weight in bits) of each level of a comparison, best first: log2(m/u)."""
    return [(level.label, log2(level.m / level.u)) for level in model.rules.comparisons[name].levels]


def _comparison(name: str, comparison: Comparison, dialect: str) -> dict[str, Any]:
    missing = cll.NullLevel(comparison.missing).configure(is_null_level=True)
    return {
        "output_column_name": name,
        "comparison_levels": [
            missing.create_level_dict(dialect),
            *(_level(level).create_level_dict(dialect) for level in comparison.levels),
        ],
    }


def _level(level: Level) -> ComparisonLevelCreator:
    made = _condition(level).configure(
        m_probability=level.m, u_probability=level.u, label_for_charts=level.label
    )
    if level.rare is None:
        return made
    made.configure(
        tf_adjustment_column=level.rare, tf_adjustment_weight=1.0, disable_tf_exact_match_detection=True
    )
    return made.configure(tf_minimum_u_value=level.least_u) if level.least_u else made


def _condition(level: Level) -> ComparisonLevelCreator:
    if level.exact:
        return cll.ExactMatchLevel(level.exact)
    if level.overlap:
        return cll.ArrayIntersectLevel(level.overlap, 1)
    if level.similar:
        return cll.JaroWinklerLevel(level.similar[0], level.similar[1])
    if level.edits:
        return cll.LevenshteinLevel(level.edits[0], level.edits[1])
    return cll.CustomLevel(level.sql) if level.sql else cll.ElseLevel()
