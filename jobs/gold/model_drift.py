"""gold.model_drift: one row per date, model version and subject: how far a feature, or the score, has moved.

A subject is a feature of gold.feature that the champion reads, or `score`. Held against the distribution that the
champion keeps from its training (the score: from the window that judged it). What a model derives beside gold.feature,
such as an offer's price, isn't watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.monitoring import MonitoringConf
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from jobs.core.scores import WATCHED
from models.core.champions import Champion
from models.core.drift import counted, drift, references

SCHEMA = schema(
    column("as_of", "date", level=1, category="time", meaning="business date of the scores"),
    column("model", "string", level=1, category="reference", meaning="model, such as churn"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    column("subject", "string", level=1, category="reference", meaning="feature, or score for the model's raw output"),
    column("rows", "bigint", level=1, category="model", meaning="scored rows that were measured, a sample in a large bank"),
    column("missing", "double", level=1, category="model", meaning="share of rows without a value"),
    column("expected_missing", "double", level=1, category="model", meaning="that share in training"),
    column("psi", "double", level=1, category="model", meaning="population stability index against training; above 0.25 shifted"),
    column("ks", "double", level=1, category="model", meaning="Kolmogorov-Smirnov distance from training, 0 … 1; null without values"),
    key=("as_of", "model", "model_version", "subject"),
    personal=False,
)  # fmt: skip


def build(
    features: DataFrame,
    *,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    champions: Mapping[str, Champion],
    **scores: DataFrame,
) -> DataFrame:
    """Drift of the day's scored rows; no rows for a model that has no champion, or one from before it kept a reference."""
    conf = bank.section("monitoring", MonitoringConf)
    known = {name: c for name, c in champions.items() if c.reference}
    if not known:
        return spark.createDataFrame([], SCHEMA.spark)
    today = {n: _of_version(scores[n], as_of, c.version) for n, c in known.items()}
    watched = {subject for champion in known.values() for subject in champion.reference}
    counts = counted(today, features.where(F.col("as_of") == F.lit(as_of)), watched, conf.sample)
    moved = drift(counts, references(known, spark), conf.min_rows)
    return moved.withColumn("as_of", F.lit(as_of)).select(*SCHEMA.names)


def _of_version(scores: DataFrame, as_of: date, version: int) -> DataFrame:
    return scores.where((F.col("as_of") == F.lit(as_of)) & (F.col("model_version") == version))


JOB = Job(
    table="gold.model_drift",
    inputs={"features": "gold.feature", **WATCHED},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per date, model version and subject: how far a feature, or the score, has moved",
    watches=tuple(WATCHED),
)
