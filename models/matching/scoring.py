"""Scored pairs: each candidate pair's probability and the weight that every field adds."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, Final

import duckdb
from pyspark.sql import DataFrame, SparkSession
from splink import Linker
from splink.internals.duckdb.database_api import DuckDBAPI
from splink.internals.spark.database_api import SparkAPI
from splink.internals.spark.jar_location import similarity_jar_location

from conf.matching import RECORD_COLUMNS, Engine
from models.matching.blocking import keys_sql, pairs_sql, skipped_sql, usable_sql
from models.matching.frequencies import FREQUENCY_TYPE, frequency_sql, frozen_frequency_sql, frozen_rows
from models.matching.model import MatchModel
from models.matching.staging import new_location

log = logging.getLogger(__name__)
WEIGHT_DIGITS: Final = 4
PROBABILITY_DIGITS: Final = 9


@dataclass(frozen=True)
class Surroundings:
    """What is known of the book beyond the records at hand, where only a part of it is scored.

    usable: blocking keys (block) that bring records together, counted over the whole book.
    frequencies: (field, value, share), as models.matching.frequencies says; the model's own go before them.
    """

    usable: DataFrame | None = None
    frequencies: DataFrame | None = None


ALONE: Final = Surroundings()


def score(
    records: DataFrame,
    model: MatchModel,
    *,
    engine: Engine = "duckdb",
    unique_sources: tuple[str, ...] = (),
    around: Surroundings = ALONE,
) -> DataFrame:
    """Pairs of `records` (as models.matching.records.keyed gives) at or above the model's grey threshold.

    Columns: record_l < record_r, probability, weight (bits, with the prior), fields (array of field, level:
    0 = otherwise, null = missing, weight in bits), certain (name of the exact rule, or null).
    Both engines give the same pairs. `duckdb` uses this machine alone, and its memory and disk.
    """
    chosen = records.select(*RECORD_COLUMNS, "keys")
    scorer = _with_duckdb if engine == "duckdb" else _with_spark
    return scorer(chosen, model, unique_sources, _frozen(records.sparkSession, model, around))


def _frozen(spark: SparkSession, model: MatchModel, around: Surroundings) -> Surroundings:
    rows: Any = frozen_rows(model)
    return replace(around, frequencies=spark.createDataFrame(rows, FREQUENCY_TYPE)) if rows else around


def _with_duckdb(
    records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...], around: Surroundings
) -> DataFrame:
    target = new_location("pairs")
    with duckdb.connect() as connection:
        _taken(connection, "record", records)
        _taken(connection, "usable", around.usable)
        _taken(connection, "frozen", around.frequencies)
        predicted = predict(connection, model, unique_sources)
        columns = pair_columns_sql(model)
        connection.execute(
            f"COPY (SELECT {columns} FROM {predicted} ORDER BY 1, 2) TO '{target}' (FORMAT parquet)"
        )
    return _as_pairs(records.sparkSession.read.parquet(target), model)


def _taken(connection: duckdb.DuckDBPyConnection, name: str, frame: DataFrame | None) -> None:
    if frame is None:
        return
    source = new_location(name)
    frame.write.parquet(source)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{source}/*.parquet')")


def predict(connection: duckdb.DuckDBPyConnection, model: MatchModel, unique_sources: tuple[str, ...]) -> str:
    """Score the table `record` in `connection`; the name of the table of predictions.

    Tables `usable` and `frozen`, where there are any, hold what Surroundings say.
    """
    _block(connection, model, unique_sources)
    api = DuckDBAPI(connection)
    linker = Linker(api.register("record"), model.settings("duckdb"), log_level=None, validate_settings=False)
    for column in model.rare_columns:
        connection.execute(f"CREATE OR REPLACE TABLE tf_of_{column} AS {_tf_sql(connection, column)}")
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
    predictions = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return str(predictions.physical_name)


def _block(connection: duckdb.DuckDBPyConnection, model: MatchModel, unique_sources: tuple[str, ...]) -> None:
    limit = model.rules.block_limit
    connection.execute(f"CREATE OR REPLACE TABLE record_key AS {keys_sql('record', 'duckdb')}")
    told = _there(connection, "usable")
    if not told:
        connection.execute(f"CREATE TABLE usable AS {usable_sql('record_key', limit)}")
    connection.execute(
        f"CREATE OR REPLACE TABLE candidate AS {pairs_sql('record_key', 'usable', unique_sources)}"
    )
    if told:
        return
    # DuckDB keeps a connection busy until a result is read to its end: fetchall, though it is one row.
    ((blocks, held),) = connection.execute(skipped_sql("record_key", limit)).fetchall()
    if blocks:
        log.warning(
            "%d blocking keys are shared by more than %d records (%d in all): skipped", blocks, limit, held
        )


def _there(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall()
    return bool(found)


def _tf_sql(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    if _there(connection, "frozen"):
        return frozen_frequency_sql("record", column, "frozen")
    return frequency_sql("record", column)


def _with_spark(
    records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...], around: Surroundings
) -> DataFrame:
    spark = records.sparkSession
    spark.sql(f"ADD JAR '{similarity_jar_location()}'")  # jaro_winkler, which Spark lacks
    # Splink's steps read the records many times; files cut the lineage and hold on a lost executor.
    records = records.localCheckpoint()
    records.createOrReplaceTempView("onebook_record")
    spark.sql(keys_sql("onebook_record", "spark")).createOrReplaceTempView("onebook_key")
    usable = around.usable or spark.sql(usable_sql("onebook_key", model.rules.block_limit))
    usable.createOrReplaceTempView("onebook_usable")
    candidates = spark.sql(pairs_sql("onebook_key", "onebook_usable", unique_sources))
    api = SparkAPI(spark_session=spark, break_lineage_method="persist")
    linker = Linker(
        api.register(records.drop("keys")), model.settings("spark"), log_level=None, validate_settings=False
    )
    for column in model.rare_columns:
        table = api.register(_spark_frequencies(spark, column, around.frequencies).localCheckpoint())
        linker.table_management.register_term_frequency_lookup(table, column)
    linker.table_management.register_blocked_pairs_for_predict(api.register(candidates.localCheckpoint()))
    predicted = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return _as_pairs(spark.table(predicted.physical_name).selectExpr(*pair_columns(model)), model)


def _spark_frequencies(spark: SparkSession, column: str, frequencies: DataFrame | None) -> DataFrame:
    if frequencies is None:
        return spark.sql(frequency_sql("onebook_record", column))
    frequencies.createOrReplaceTempView("onebook_frozen")
    return spark.sql(frozen_frequency_sql("onebook_record", column, "onebook_frozen"))


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


def pair_columns_sql(model: MatchModel) -> str:
    """`pair_columns` as one select list."""
    return ", ".join(pair_columns(model))


def _weight(name: str, rare: bool) -> str:
    return f"mw_{name} + mw_tf_adj_{name}" if rare else f"mw_{name}"


def _as_pairs(flat: DataFrame, model: MatchModel) -> DataFrame:
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
