"""The Fellegi-Sunter model: levels from meanings, estimated and scored by Splink.

u is estimated from random pairs. m and the prior start as configured here and are then taken from the clusters that
the model itself finds: plain expectation maximisation settles on households, whose members share name and address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from splink import SettingsCreator
from splink import comparison_level_library as cll
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from conf.linkage import ColumnConf
from models.linkage.levels import CODES, column_id, levels
from models.linkage.scored import replaced
from models.linkage.small import seen, usual_u

Floats = npt.NDArray[np.float64]
LEAST: Final = 1e-7
LEAST_LEFT: Final = 0.05
"""Share of a level's u that remains at least when the matches among random pairs are taken off."""
PRIOR_STEPS: Final = 20
MOST_PRIOR: Final = 0.05
MOST_REPEATED: Final = 10
"""Twice the duplicates a record that the prior is raised for at most."""
FEWEST_ALIKE: Final = 5
SURE_BITS: Final = 5.0
LASTING: Final = frozenset(
    {"given name", "middle name", "family name", "full name", "date of birth", "birthplace", "sex", *CODES}
)

FEW_COLUMNS: Final = 2
"""Where so few columns are compared each must carry much."""


@dataclass(frozen=True)
class Weights:
    """A frozen model: for each column its levels' labels, m and u (best first, the rest last), and the prior."""

    columns: Mapping[str, ColumnConf]
    prior: float
    m: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    u: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    words_kept: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """For columns weighed word by word (models.linkage.texts), which share of each kind of words an entity's texts keep."""

    def levels(self, name: str) -> list[ComparisonLevelCreator]:
        """The levels of a column, best first."""
        place = list(self.columns).index(name)
        made = levels(column_id(place), self.columns[name], self._other_name(name))
        m, u = (
            self.m.get(name) or usual_m(len(made), self.columns[name].meaning, len(self.columns)),
            self.u.get(name),
        )
        for i, level in enumerate(made):
            level.configure(m_probability=m[i])
            if u:
                level.configure(u_probability=u[i])
        return made

    def settings(self, dialect: str = "duckdb") -> SettingsCreator:
        """As Splink takes it; records are `record_id` and a column c0, c1, … each."""
        return SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_id",
            probability_two_random_records_match=self.prior,
            comparisons=[self._comparison(name, dialect) for name in self.columns],
            blocking_rules_to_generate_predictions=[],
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=True,
        )

    def to_json(self) -> str:
        """Parameters by column and level, to be read by people, with Splink's own settings beside them."""
        told = {
            name: [
                {"level": label, "m": self.m[name][i], "u": self.u[name][i]}
                for i, label in enumerate(self.labels(name))
            ]
            for name in self.columns
        }
        splink = self.settings().create_settings_dict("duckdb")
        return json.dumps(
            {"prior": self.prior, "columns": told, "words_kept": self.words_kept, "splink": splink},
            ensure_ascii=False,
            indent=1,
            default=str,
        )

    def rare(self, name: str) -> bool:
        """Whether agreeing on a rare value of the column counts for more."""
        return any("tf_adjustment_column" in level.create_level_dict("duckdb") for level in self.levels(name))

    def labels(self, name: str) -> list[str]:
        """What each level of a column says, best first."""
        return [str(level.create_level_dict("duckdb")["label_for_charts"]) for level in self.levels(name)]

    def _comparison(self, name: str, dialect: str) -> dict[str, Any]:
        column = column_id(list(self.columns).index(name))
        null = cll.NullLevel(column).configure(is_null_level=True).create_level_dict(dialect)
        made = [level.create_level_dict(dialect) for level in self.levels(name)]
        return {"output_column_name": column, "comparison_levels": [null, *made]}

    def _other_name(self, name: str) -> str | None:
        """The column that a name may be swapped with."""
        other = {"given name": "family name", "family name": "given name"}.get(self.columns[name].meaning)
        found = [i for i, c in enumerate(self.columns.values()) if c.meaning == other]
        return column_id(found[0]) if found else None


def unweighed(columns: Mapping[str, ColumnConf], records: int) -> Weights:
    """Before anything is learnt: as if one pair for each two records were a match, in a few records fewer."""
    return Weights(columns, prior=min(MOST_PRIOR, 1 / max(records, 2)))


def usual_m(levels: int, meaning: str, columns: int) -> tuple[float, ...]:
    """Where nothing is known yet: what should last mostly agrees best, the rest falls off; of what changes or is free
    text a part differs altogether.
    """
    if levels == 1:
        return (1 - LEAST,)
    if meaning in LASTING or columns > FEW_COLUMNS:
        rest = [0.5**i for i in range(levels - 1)]
        return (0.8, *(0.2 * r / sum(rest) for r in rest))
    inner = [0.3 / max(levels - 2, 1)] * (levels - 2)
    return shares([0.4, *inner, 0.3])


def refitted(
    weights: Weights,
    drawn: Mapping[str, tuple[float, ...]],
    scored: pa.Table,
    one: Floats,
    records: int,
    stayed: Mapping[int, Floats],
    likely: float = 0.0,
) -> Weights:
    """`weights` with m and the prior as the pairs that are `one` entity, in whole or in part (0 to 1), show them (each
    level at least half a pair), and u as `drawn` from random pairs less the matches among those.

    `stayed`: for a column that may change in one go with others how likely each pair hasn't; m is that of those. `likely`:
    how many pairs are one at least.
    A column that alone decided which pairs are one can't tell how often it differs within one: the larger its share
    of the evidence, the more of the usual m is kept.
    """
    prior, share = max(one.sum(), 1, likely) / all_pairs(records), seen(records)
    m, u = {}, {}
    for i, name in enumerate(weights.columns):
        told = (one > 0) & (scored[f"level_{i}"].to_numpy() >= 0)
        level = scored[f"level_{i}"].to_numpy()[told]
        count = len(weights.u[name])
        counts = one[told] * stayed[i][told] if i in stayed else one[told]
        held = np.bincount(level, counts, minlength=count)[:count][::-1] + 0.5
        own = _own_share(scored, i, one > 0.5) ** 2 if len(weights.columns) <= FEW_COLUMNS else 0.0
        m[name] = shares(
            list(
                own * np.array(usual_m(count, weights.columns[name].meaning, len(weights.columns)))
                + (1 - own) * held / held.sum()
            )
        )
        known = np.array(drawn[name])
        least = LEAST_LEFT * known + (1 - share) * usual_u(weights.columns[name].meaning, count)
        u[name] = shares(list(np.maximum(known - share * prior * np.array(m[name]), least)))
    return replace(weights, m=m, u=u, prior=float(np.clip(prior, 1e-9, max(MOST_PRIOR, 0.5 * share))))


def _own_share(scored: pa.Table, place: int, one: npt.NDArray[np.bool_]) -> float:
    """The share of column `place` in what speaks for the pairs that are `one`; 1 where there are none."""
    columns = [name for name in scored.column_names if name.startswith("bits_")]
    bits = [np.maximum(np.nan_to_num(scored[name].to_numpy()[one]), 0).sum() for name in columns]
    total = float(sum(bits))
    return float(bits[columns.index(f"bits_{place}")]) / total if total else 1.0


def likely_prior(scored: pa.Table, prior: float, records: int) -> float:
    """The share of all pairs that match, at least `prior`, by expectation maximisation of it alone."""
    bits = scored["weight"].to_numpy() - _log_odds(prior)
    found = prior
    for _ in range(PRIOR_STEPS):
        odds = np.exp2(np.clip(bits + _log_odds(found), -60, 60))
        found = float(np.clip((odds / (1 + odds)).sum() / all_pairs(records), prior, MOST_PRIOR))
    return found


def sufficient(weights: Weights, scored: pa.Table, records: int) -> tuple[Weights, pa.Table]:
    """The prior raised, where it is too low for that, until most records that agree in all that both know are one:
    the counted one is too low where a single column must carry everything. With the pairs' weights to suit.
    """
    bits = scored["weight"].to_numpy()
    alike = bits[_alike_in_all(scored)]
    if len(alike) < FEWEST_ALIKE:
        return weights, scored
    odds = 2.0 ** (SURE_BITS - float(np.quantile(alike, 0.75)) + _log_odds(weights.prior))
    most = max(min(MOST_PRIOR, MOST_REPEATED / records), weights.prior)
    prior = float(np.clip(odds / (1 + odds), weights.prior, most))
    raised = bits + _log_odds(prior) - _log_odds(weights.prior)
    return replace(weights, prior=prior), replaced(scored, "weight", raised)


def _alike_in_all(scored: pa.Table) -> npt.NDArray[np.bool_]:
    """Pairs that agree best in every column that both know, and know more than half of the columns."""
    columns = [name for name in scored.column_names if name.startswith("level_")]
    level = np.column_stack([scored[name].to_numpy() for name in columns])
    best = level.max(axis=0, initial=1)
    known: npt.NDArray[np.bool_] = (level >= 0).sum(axis=1) * 2 > len(columns)
    return np.asarray(known & ((level == best) | (level < 0)).all(axis=1), bool)


def _log_odds(share: float) -> float:
    return float(np.log2(share / (1 - share)))


def all_pairs(records: int) -> float:
    """How many pairs so many records make."""
    return max(records * (records - 1) / 2, 1)


def shares(values: list[float]) -> tuple[float, ...]:
    """`values` as shares of one, none quite 0 or 1."""
    held = np.clip(np.array(values, float), LEAST, 1 - LEAST)
    return tuple(float(v) for v in np.clip(held / held.sum(), LEAST, 1 - LEAST))
