"""Estimating a match model from records: u from random pairs, m by expectation maximisation, on DuckDB."""

from __future__ import annotations

from typing import Any, Final

import duckdb
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from splink import Linker, block_on
from splink.internals.duckdb.database_api import DuckDBAPI

from conf.matching import RECORD_COLUMNS, Comparison, EntityMatching
from jobs.core.beside import new_location, opened
from models.matching.frequencies import LEAST_BEARERS, frequency_sql
from models.matching.model import MatchModel

SEED: Final = 20260101
SAMPLE_RECORDS: Final = 500_000
RANDOM_PAIRS: Final = 2_000_000
LEAST: Final = 1e-9
# Each pass leaves the comparisons that it blocks on alone, so two that differ estimate all of them.
PASSES: Final = (("birth_date",), ("sound",))


def train(records: DataFrame, config: EntityMatching, *, seed: int = SEED) -> MatchModel:
    """`config` with m and u estimated from `records` (models.matching.records.keyed), and their frequencies frozen.

    Deterministic for the same records. A run never calls this: it is a job of its own, and its result is
    registered and pinned. Parameters that the records say nothing about stay as configured.
    """
    location = new_location("training")
    columns = [c for c in RECORD_COLUMNS if c in records.columns]
    # By hash, so that the same records are drawn whatever their order.
    drawn = records.select(*columns).orderBy(F.xxhash64("record_id")).limit(SAMPLE_RECORDS)
    drawn.write.parquet(location)
    with opened() as connection:
        connection.execute(
            f"CREATE TABLE record AS SELECT * FROM read_parquet('{location}/*.parquet') ORDER BY record_id"
        )
        return estimated(connection, config, seed)


def estimated(connection: duckdb.DuckDBPyConnection, config: EntityMatching, seed: int = SEED) -> MatchModel:
    """The model for the table `record` in `connection`."""
    model = MatchModel(config)
    linker = Linker(
        DuckDBAPI(connection).register("record"),
        model.settings("duckdb"),
        log_level=None,
        validate_settings=False,
    )
    linker.training.estimate_u_using_random_sampling(
        max_pairs=RANDOM_PAIRS, seed=seed, min_count_per_level=None
    )
    for columns in PASSES:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    rules = _with_parameters(config, linker.misc.save_model_to_json())
    return MatchModel(rules, _frequencies(connection, model))


def _with_parameters(config: EntityMatching, settings: dict[str, Any]) -> EntityMatching:
    found = {c["output_column_name"]: c["comparison_levels"] for c in settings["comparisons"]}
    comparisons = {
        name: _estimated_levels(comparison, found[name]) for name, comparison in config.comparisons.items()
    }
    return config.model_copy(update={"comparisons": comparisons})


def _estimated_levels(comparison: Comparison, found: list[dict[str, Any]]) -> Comparison:
    estimated = [level for level in found if not level.get("is_null_level")]
    levels = tuple(
        level.model_copy(
            update={
                "m": _share(new.get("m_probability"), level.m),
                "u": _share(new.get("u_probability"), level.u),
            }
        )
        for level, new in zip(comparison.levels, estimated, strict=True)
    )
    return comparison.model_copy(update={"levels": levels})


def _share(value: object, otherwise: float) -> float:
    """A probability held off 0 and 1; Splink gives text where a level was never observed."""
    return min(max(float(value), LEAST), 1 - LEAST) if isinstance(value, int | float) else otherwise


def _frequencies(connection: duckdb.DuckDBPyConnection, model: MatchModel) -> dict[str, dict[str, float]]:
    return {column: _frequent(connection, column) for column in model.rare_columns}


def _frequent(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, float]:
    enough = f"SELECT {column} FROM record GROUP BY {column} HAVING count(*) >= {LEAST_BEARERS}"
    sql = f"SELECT * FROM ({frequency_sql('record', column)}) WHERE {column} IN ({enough}) ORDER BY 1"
    return dict(connection.execute(sql).fetchall())
