"""The Fellegi-Sunter model: levels from meanings, estimated and scored by Splink.

u is estimated from random pairs. m and the prior start as configured here and are then taken from the clusters that
the model itself finds: plain expectation maximisation settles on households, whose members share name and address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from splink import Linker, SettingsCreator
from splink import comparison_level_library as cll
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.duckdb.database_api import DuckDBAPI

from conf.linkage import ColumnConf
from models.linkage.encoded import as_bits

Pairs = npt.NDArray[np.int64]
RANDOM_PAIRS: Final = 2_000_000
LEAST: Final = 1e-7
NAMES: Final = frozenset({"given name", "middle name", "family name"})
CODES: Final = frozenset({"national id", "passport", "tax id", "registration id"})
NUMBERS: Final = frozenset({"house number", "unit", "postcode"})


@dataclass(frozen=True)
class Weights:
    """A frozen model: for each column its levels' labels, m and u (best first, the rest last), and the prior."""

    columns: Mapping[str, ColumnConf]
    prior: float
    m: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    u: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def levels(self, name: str) -> list[ComparisonLevelCreator]:
        """The levels of a column, best first."""
        place = list(self.columns).index(name)
        made = levels(column_id(place), self.columns[name], self._other_name(name))
        m, u = self.m.get(name) or usual_m(len(made)), self.u.get(name)
        for i, level in enumerate(made):
            level.configure(m_probability=m[i])
            if u:
                level.configure(u_probability=u[i])
        return made

    def settings(self) -> SettingsCreator:
        """As Splink takes it; records are `record_id` and a column c0, c1, … each."""
        return SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_id",
            probability_two_random_records_match=self.prior,
            comparisons=[self._comparison(name) for name in self.columns],
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
            {"prior": self.prior, "columns": told, "splink": splink},
            ensure_ascii=False,
            indent=1,
            default=str,
        )

    def labels(self, name: str) -> list[str]:
        """What each level of a column says, best first."""
        return [str(level.create_level_dict("duckdb")["label_for_charts"]) for level in self.levels(name)]

    def _comparison(self, name: str) -> dict[str, Any]:
        column = column_id(list(self.columns).index(name))
        null = cll.NullLevel(column).configure(is_null_level=True).create_level_dict("duckdb")
        made = [level.create_level_dict("duckdb") for level in self.levels(name)]
        return {"output_column_name": column, "comparison_levels": [null, *made]}

    def _other_name(self, name: str) -> str | None:
        """The column that a name may be swapped with."""
        other = {"given name": "family name", "family name": "given name"}.get(self.columns[name].meaning)
        found = [i for i, c in enumerate(self.columns.values()) if c.meaning == other]
        return column_id(found[0]) if found else None


def column_id(place: int) -> str:
    """The name that a column has inside the engine."""
    return f"c{place}"


def usual_m(levels: int) -> tuple[float, ...]:
    """Where nothing is known yet: four in five agree best, the rest falls off."""
    if levels == 1:
        return (1 - LEAST,)
    rest = [0.5**i for i in range(levels - 1)]
    return (0.8, *(0.2 * r / sum(rest) for r in rest))


def levels(c: str, conf: ColumnConf, other: str | None) -> list[ComparisonLevelCreator]:
    """The levels that follow from a meaning (or as configured), best first, the rest last."""
    if conf.levels:
        return _as_configured(c, conf)
    made = _by_meaning(c, conf.meaning, other)
    rare = conf.term_frequencies
    if rare or (rare is None and conf.meaning not in {"sex", "date of birth", *CODES, "phone", "e-mail"}):
        made[0].configure(tf_adjustment_column=c, tf_adjustment_weight=1.0, tf_minimum_u_value=0.0001)
    return [*made, cll.ElseLevel().configure(label_for_charts="differs")]


def _as_configured(c: str, conf: ColumnConf) -> list[ComparisonLevelCreator]:
    made = [
        (cll.CustomLevel(level.sql) if level.sql else cll.ElseLevel()).configure(label_for_charts=level.label)
        for level in conf.levels
    ]
    if conf.term_frequencies:
        made[0].configure(tf_adjustment_column=c, tf_adjustment_weight=1.0, tf_minimum_u_value=0.0001)
        made[0].configure(disable_tf_exact_match_detection=True)
    return made


def _by_meaning(c: str, meaning: str, other: str | None) -> list[ComparisonLevelCreator]:
    same = cll.ExactMatchLevel(c).configure(label_for_charts="same")
    if meaning in {"sex", "category", "country", "region", "encoded code", "encoded category"}:
        return [same]
    if meaning == "date of birth":
        return [same, *_dates(c)]
    if meaning in CODES | NUMBERS | {"phone", "number"}:
        slip = cll.DamerauLevenshteinLevel(c, 1) if meaning in NUMBERS else cll.DamerauLevenshteinLevel(c, 2)
        return [same, slip.configure(label_for_charts="a character or two slipped")]
    if meaning == "e-mail":
        local = f"split_part({c}_l, '@', 1) = split_part({c}_r, '@', 1)"
        return [same, _custom(local, "same before the @"), _like(c, 0.9)]
    swapped = [_custom(f"{c}_l = {other}_r", "stands in the other name's place")] if other else []
    return [same, _like(c, 0.92), *swapped, _like(c, 0.8)]


def _dates(c: str) -> list[ComparisonLevelCreator]:
    y, m, d = (f"substr({c}_{{0}}, {a}, {n})" for a, n in ((1, 4), (5, 2), (7, 2)))
    eq = [f"{part.format('l')} = {part.format('r')}" for part in (y, m, d)]
    swap = f"{m.format('l')} = {d.format('r')} AND {d.format('l')} = {m.format('r')} AND {eq[0]}"
    two = " OR ".join(f"({a} AND {b})" for a, b in ((eq[0], eq[1]), (eq[0], eq[2]), (eq[1], eq[2])))
    return [
        cll.DamerauLevenshteinLevel(c, 1).configure(label_for_charts="one digit slipped"),
        _custom(f"({swap}) OR {two}", "two parts agree, or day and month swapped"),
        _custom(eq[0], "same year"),
    ]


def _like(c: str, least: float) -> ComparisonLevelCreator:
    return cll.JaroWinklerLevel(c, least).configure(label_for_charts=f"alike (Jaro-Winkler ≥ {least})")


def _custom(sql: str, label: str) -> ComparisonLevelCreator:
    return cll.CustomLevel(sql).configure(label_for_charts=label)


class Scorer:
    """Splink on DuckDB over one set of records and of candidate pairs; `filters`: places of encoded columns."""

    def __init__(self, values: pd.DataFrame, pairs: Pairs, filters: Sequence[int] = ()) -> None:
        self._connection = duckdb.connect()
        table = values.set_axis([column_id(i) for i in range(values.shape[1])], axis=1)
        self._register("record", table.assign(record_id=np.arange(len(table))))
        as_bits(self._connection, [column_id(i) for i in filters])
        self.pairs = pairs

    def close(self) -> None:
        """Let go of the engine's memory."""
        self._connection.close()

    def with_u(self, weights: Weights, seed: int) -> Weights:
        """`weights` with u estimated from random pairs."""
        linker = self._linker(weights)
        linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=seed, min_count_per_level=None)
        found = linker.misc.save_model_to_json()["comparisons"]
        u = {
            name: _shares(
                [_float(level.get("u_probability")) for level in comparison["comparison_levels"][1:]]
            )
            for name, comparison in zip(weights.columns, found, strict=True)
        }
        return replace(weights, u=u, m={name: usual_m(len(shares)) for name, shares in u.items()})

    def score(self, weights: Weights) -> pa.Table:
        """For each pair, in order: `weight` (bits, with the prior), and per column `level` (0 = differs,
        −1 = missing) and `bits` in columns level_<i>, bits_<i>.
        """
        linker = self._linker(weights)
        pairs = pd.DataFrame(
            {"match_key": "0", "join_key_l": self.pairs[:, 0], "join_key_r": self.pairs[:, 1]}
        )
        api = DuckDBAPI(self._connection)
        self._register("candidate", pairs)
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
        made = linker.inference.predict(warning_mode="never").physical_name
        fields = []
        for i, name in enumerate(weights.columns):
            c = column_id(i)
            rare = any(
                "tf_adjustment_column" in level.create_level_dict("duckdb") for level in weights.levels(name)
            )
            fields += [
                f"gamma_{c} AS level_{i}",
                f"{f'mw_{c} + mw_tf_adj_{c}' if rare else f'mw_{c}'} AS bits_{i}",
            ]
        chosen = f"SELECT match_weight AS weight, {', '.join(fields)} FROM {made} ORDER BY record_id_l, record_id_r"
        return self._connection.sql(chosen).to_arrow_table()

    def _linker(self, weights: Weights) -> Linker:
        api = DuckDBAPI(self._connection)
        return Linker(api.register("record"), weights.settings(), log_level=None, validate_settings=False)

    def _register(self, name: str, table: pd.DataFrame) -> None:
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        self._connection.register("_arriving", arrow)
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _arriving")
        self._connection.unregister("_arriving")


def refitted(weights: Weights, scored: pa.Table, one: npt.NDArray[np.bool_], records: int) -> Weights:
    """`weights` with m and the prior as the pairs that are `one` entity show them (each level at least half a pair)."""
    m = {}
    for i, name in enumerate(weights.columns):
        level = scored[f"level_{i}"].to_numpy()[one]
        count = len(weights.u[name])
        held = np.bincount(level[level >= 0], minlength=count)[:count][::-1] + 0.5
        m[name] = _shares(list(held / held.sum()))
    prior = max(int(one.sum()), 1) / max(records * (records - 1) / 2, 1)
    return replace(weights, m=m, prior=float(np.clip(prior, 1e-9, 0.5)))


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else LEAST


def _shares(values: list[float]) -> tuple[float, ...]:
    held = np.clip(np.array(values, float), LEAST, 1 - LEAST)
    return tuple(float(v) for v in np.clip(held / held.sum(), LEAST, 1 - LEAST))
