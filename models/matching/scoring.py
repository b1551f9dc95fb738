"""Scored pairs: each candidate pair's probability and the weight that every field adds."""

from __future__ import annotations

import logging
from typing import Any, Final

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from splink import Linker
from splink.internals.duckdb.database_api import DuckDBAPI
from splink.internals.spark.database_api import SparkAPI
from splink.internals.spark.jar_location import similarity_jar_location

from conf.matching import RECORD_COLUMNS, Engine
from models.matching.blocking import keys_sql, pairs_sql, skipped_sql, usable_sql
from models.matching.frequencies import frequency_sql, frozen_frequency_sql, frozen_rows, least_share
from models.matching.model import MatchModel
from models.matching.staging import new_location

log = logging.getLogger(__name__)
WEIGHT_DIGITS: Final = 4
PROBABILITY_DIGITS: Final = 9


def score(
    records: DataFrame, model: MatchModel, *, engine: Engine = "duckdb", unique_sources: tuple[str, ...] = ()
) -> DataFrame:
    """Pairs of `records` (as models.matching.records.keyed gives) at or above the model's grey threshold.

    Columns: record_l < record_r, probability, weight (bits, with the prior), fields (array of field, level:
    0 = otherwise, null = missing, weight in bits), certain (name of the exact rule, or null).
    Both engines give the same pairs. `duckdb` uses this machine alone, and its memory and disk.
    """
    chosen = records.select(*RECORD_COLUMNS, "keys")
    scorer = _with_duckdb if engine == "duckdb" else _with_spark
    return scorer(chosen, model, unique_sources)


def _with_duckdb(records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...]) -> DataFrame:
    source, target = new_location("records"), new_location("pairs")
    records.write.parquet(source)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE record AS SELECT * FROM read_parquet('{source}/*.parquet')")
        predicted = predict(connection, model, unique_sources)
        columns = pair_columns_sql(model)
        connection.execute(
            f"COPY (SELECT {columns} FROM {predicted} ORDER BY 1, 2) TO '{target}' (FORMAT parquet)"
        )
    return _as_pairs(records.sparkSession.read.parquet(target), model)


def predict(connection: duckdb.DuckDBPyConnection, model: MatchModel, unique_sources: tuple[str, ...]) -> str:
    """Score the table `record` in `connection`; the name of the table of predictions."""
    _block(connection, model, unique_sources)
    api = DuckDBAPI(connection)
    linker = Linker(api.register("record"), model.settings("duckdb"), log_level=None, validate_settings=False)
    for column in model.rare_columns:
        connection.execute(f"CREATE OR REPLACE TABLE tf_of_{column} AS {_tf_sql(connection, model, column)}")
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
    predictions = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return str(predictions.physical_name)


def _block(connection: duckdb.DuckDBPyConnection, model: MatchModel, unique_sources: tuple[str, ...]) -> None:
    limit = model.rules.block_limit
    connection.execute(f"CREATE OR REPLACE TABLE record_key AS {keys_sql('record', 'duckdb')}")
    connection.execute(f"CREATE OR REPLACE TABLE usable AS {usable_sql('record_key', limit)}")
    connection.execute(
        f"CREATE OR REPLACE TABLE candidate AS {pairs_sql('record_key', 'usable', unique_sources)}"
    )
    # DuckDB keeps a connection busy until a result is read to its end: fetchall, though it is one row.
    ((blocks, held),) = connection.execute(skipped_sql("record_key", limit)).fetchall()
    if blocks:
        log.warning(
            "%d blocking keys are shared by more than %d records (%d in all): skipped", blocks, limit, held
        )


def _tf_sql(connection: duckdb.DuckDBPyConnection, model: MatchModel, column: str) -> str:
    if column not in model.term_frequencies:
        return frequency_sql("record", column)
    connection.register("frozen_" + column, pa.table(frozen_rows(model, column)))
    return frozen_frequency_sql("record", column, "frozen_" + column, least_share(model, column))


def _with_spark(records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...]) -> DataFrame:
    spark = records.sparkSession
    spark.sql(f"ADD JAR '{similarity_jar_location()}'")  # jaro_winkler, which Spark lacks
    # Splink's steps read the records many times; files cut the lineage and hold on a lost executor.
    records = records.localCheckpoint()
    records.createOrReplaceTempView("onebook_record")
    spark.sql(keys_sql("onebook_record", "spark")).createOrReplaceTempView("onebook_key")
    spark.sql(usable_sql("onebook_key", model.rules.block_limit)).createOrReplaceTempView("onebook_usable")
    candidates = spark.sql(pairs_sql("onebook_key", "onebook_usable", unique_sources))
    api = SparkAPI(spark_session=spark, break_lineage_method="persist")
    linker = Linker(
        api.register(records.drop("keys")), model.settings("spark"), log_level=None, validate_settings=False
    )
    for column in model.rare_columns:
        table = api.register(_spark_frequencies(spark, model, column).localCheckpoint())
        linker.table_management.register_term_frequency_lookup(table, column)
    linker.table_management.register_blocked_pairs_for_predict(api.register(candidates.localCheckpoint()))
    predicted = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return _as_pairs(spark.table(predicted.physical_name).selectExpr(*pair_columns(model)), model)


def _spark_frequencies(spark: SparkSession, model: MatchModel, column: str) -> DataFrame:
    if column not in model.term_frequencies:
        return spark.sql(frequency_sql("onebook_record", column))
    rows: Any = pa.table(frozen_rows(model, column))
    spark.createDataFrame(rows).createOrReplaceTempView(f"onebook_frozen_{column}")
    least = least_share(model, column)
    return spark.sql(frozen_frequency_sql("onebook_record", column, f"onebook_frozen_{column}", least))


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
