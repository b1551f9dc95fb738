"""gold.feature_dictionary: one row per feature: what it means, from which source and window it is made, and how.

What gold.feature holds under a name, in words; made from conf/…/features.yml and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from conf.features import FeaturesConf, FeatureSource, FeatureSpec
from jobs.core.job import Job, Snapshot
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("feature", "string", level=1, category="key", meaning="name in gold.feature"),
    column("meaning", "string", level=1, category="reference", meaning="what it says of a customer, with its unit"),
    column("level", "int", level=1, category="technical", meaning="classification of its values, 1 to 5"),
    column("sensitive", "boolean", level=1, category="technical", meaning="whether it trains no model without a reason given for it"),
    column("source", "string", level=1, category="technical", meaning="table it is drawn from; null where it follows from other features"),
    column("through", "string", level=1, category="technical", meaning="relationships whose other end's rows count; null for the customer's own"),
    column("aggregate", "string", level=1, category="technical", meaning="how rows become one value; null where it follows from other features"),
    column("expression", "string", level=1, category="technical", meaning="what is aggregated, or the formula over other features (Spark SQL)"),
    column("condition", "string", level=1, category="technical", meaning="which rows count (Spark SQL); null for all"),
    column("window_days", "int", level=1, category="technical", meaning="days looked back; null for all that is known, or a state"),
    column("lag_days", "int", level=1, category="technical", meaning="days before the date at which the source is looked at"),
    column("fill", "double", level=1, category="technical", meaning="value where there is nothing; null leaves it unknown"),
    column("definition", "string", level=1, category="technical", meaning="hash of the definitions of all features, as in gold.feature"),
    key="feature",
)  # fmt: skip


def build(*, bank: Bank, spark: SparkSession) -> DataFrame:
    """Every configured feature."""
    config = bank.section("features", FeaturesConf)
    return spark.createDataFrame(list(_rows(config)), SCHEMA.spark)


def _rows(config: FeaturesConf) -> Iterator[tuple[Any, ...]]:
    for name, feature in config.features.items():
        yield (name, *_drawn(feature, config.sources[feature.source]), feature.fill, config.definition)
    for name, derived in config.derived.items():
        none = (None,) * 3
        yield (
            name,
            derived.meaning,
            derived.level,
            derived.sensitive,
            *none,
            derived.sql,
            *none,
            derived.fill,
            config.definition,
        )


def _drawn(feature: FeatureSpec, source: FeatureSource) -> tuple[Any, ...]:
    return (
        feature.meaning,
        feature.level,
        feature.sensitive,
        source.table,
        ", ".join(source.through) or None,
        feature.aggregate,
        feature.of,
        feature.where,
        feature.window_days,
        source.lag_days,
    )


JOB = Job(
    table="gold.feature_dictionary",
    inputs={},
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per feature: meaning, level, source, window and formula",
)
