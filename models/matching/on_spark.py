"""Pairs scored by Splink on Spark: for books that one machine can't hold."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from splink import Linker
from splink.internals.spark.database_api import SparkAPI
from splink.internals.spark.jar_location import similarity_jar_location

from models.matching.blocking import MOVED, keys_sql, pairs_sql, usable_sql
from models.matching.frequencies import frequency_sql, frozen_frequency_sql
from models.matching.model import MatchModel
from models.matching.predicted import as_pairs, pair_columns
from models.matching.surroundings import Surroundings


def score_on_spark(
    records: DataFrame, model: MatchModel, unique_sources: tuple[str, ...], around: Surroundings
) -> DataFrame:
    """As models.matching.scoring.score says."""
    spark = records.sparkSession
    spark.sql(f"ADD JAR '{similarity_jar_location()}'")  # jaro_winkler, which Spark lacks
    # Splink's steps read the records many times; files cut the lineage and hold on a lost executor.
    records = records.localCheckpoint()
    records.createOrReplaceTempView("onebook_record")
    moved = MOVED in records.columns
    spark.sql(keys_sql("onebook_record", "spark", moved=moved)).createOrReplaceTempView("onebook_key")
    usable = around.usable or spark.sql(usable_sql("onebook_key", model.rules.block_limit))
    usable.createOrReplaceTempView("onebook_usable")
    candidates = spark.sql(pairs_sql("onebook_key", "onebook_usable", unique_sources, moved=moved))
    api = SparkAPI(spark_session=spark, break_lineage_method="persist")
    linker = Linker(
        api.register(records.drop("keys", MOVED)),
        model.settings("spark"),
        log_level=None,
        validate_settings=False,
    )
    for column in model.rare_columns:
        table = api.register(_frequencies(spark, column, around.frequencies).localCheckpoint())
        linker.table_management.register_term_frequency_lookup(table, column)
    linker.table_management.register_blocked_pairs_for_predict(api.register(candidates.localCheckpoint()))
    predicted = linker.inference.predict(threshold_match_probability=model.rules.grey, warning_mode="never")
    return as_pairs(spark.table(predicted.physical_name).selectExpr(*pair_columns(model)), model)


def _frequencies(spark: SparkSession, column: str, frequencies: DataFrame | None) -> DataFrame:
    if frequencies is None:
        return spark.sql(frequency_sql("onebook_record", column))
    frequencies.createOrReplaceTempView("onebook_frozen")
    return spark.sql(frozen_frequency_sql("onebook_record", column, "onebook_frozen"))
