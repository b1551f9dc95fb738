"""What is kept of Splink's predictions, by plain names: SQL that DuckDB and Spark both run, and the pairs it ends as."""

from __future__ import annotations

from typing import Final

from pyspark.sql import DataFrame

from models.matching.model import MatchModel

WEIGHT_DIGITS: Final = 4
PROBABILITY_DIGITS: Final = 9


def pair_columns(model: MatchModel) -> list[str]:
    """What is kept of Splink's predictions, by plain names."""
    fields = [
        part
        for name, comparison in model.rules.comparisons.items()
        for part in (
            f"round({_weight(name, any(level.rare for level in comparison.levels))}, {WEIGHT_DIGITS}) AS weight_{name}",
            f"gamma_{name} AS level_{name}",
        )
    ]
    return [
        "least(record_id_l, record_id_r) AS record_l",
        "greatest(record_id_l, record_id_r) AS record_r",
        f"round(match_probability, {PROBABILITY_DIGITS}) AS probability",
        f"round(match_weight, {WEIGHT_DIGITS}) AS weight",
        *fields,
    ]


def _weight(name: str, rare: bool) -> str:
    return f"mw_{name} + mw_tf_adj_{name}" if rare else f"mw_{name}"


def as_pairs(flat: DataFrame, model: MatchModel) -> DataFrame:
    """Rows of `pair_columns` as models.matching.scoring.score says."""
    names = list(model.rules.comparisons)
    fields = ", ".join(
        f"named_struct('field', '{n}', 'level', if(level_{n} < 0, NULL, cast(level_{n} AS int)), "
        f"'weight', cast(weight_{n} AS double))"
        for n in names
    )
    return flat.selectExpr(
        "record_l",
        "record_r",
        "cast(probability AS double) AS probability",
        "cast(weight AS double) AS weight",
        f"array({fields}) AS fields",
        f"{_certain_sql(model)} AS certain",
    )


def _certain_sql(model: MatchModel) -> str:
    cases = [
        "WHEN "
        + " AND ".join(f"level_{name} >= {least}" for name, least in levels.items())
        + f" THEN '{rule}'"
        for rule, levels in model.rules.certain.items()
    ]
    return f"CASE {' '.join(cases)} END" if cases else "cast(NULL AS string)"
