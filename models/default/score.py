"""models.default_score: one row per customer with a loan or card who isn't in default, and date: the chance of it and why."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from models.core.book import HOLDINGS, features_of
from models.core.champions import Champion
from models.core.explanations import REASONS_DDL
from models.core.scoring import score, tier_of
from models.default.features import KEY, TABLES, candidates

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("score", "double", level=4, category="risk", meaning="raw model output, 0 … 1"),
    column("probability", "double", level=4, category="risk", meaning="calibrated probability of default within the horizon"),
    column("percentile", "double", level=4, category="risk", meaning="place in the champion's reference population, 1 most at risk"),
    column("tier", "string", level=4, category="risk", meaning="high, medium or low, by percentile as configured"),
    column("horizon_months", "int", level=1, category="technical", meaning="months that the probability covers"),
    column("reasons", REASONS_DDL, level=4, category="risk", meaning="features that moved the score most; for the most at risk"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=tuple(KEY),
    subject="customer_id",
)  # fmt: skip


def build(
    features: DataFrame,
    customer_holding: DataFrame,
    arrears: DataFrame,
    card_statement: DataFrame,
    *,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    model: Champion | None,
) -> DataFrame:
    """Chances from `as_of` on under the champion; no rows while there is none."""
    if model is None:
        return spark.createDataFrame([], SCHEMA.spark)
    spec = bank.section("models", ModelsSpec).default
    frames = {HOLDINGS: customer_holding, "arrears": arrears, "card_statement": card_statement}
    context = candidates(frames, spec, [as_of])
    drawn = [n for n in model.features if n not in context.columns]
    rows = context.join(
        features_of(features, as_of, bank.section("features", FeaturesConf), drawn), on=KEY, how="inner"
    )
    return score(rows, model, KEY, spec.score).select(
        *KEY,
        "score",
        F.col("calibrated").alias("probability"),
        "percentile",
        tier_of(F.col("percentile"), spec.score.tiers).alias("tier"),
        F.lit(model.horizon_months).alias("horizon_months"),
        "reasons",
        F.lit(model.version).alias("model_version"),
    )


JOB = Job(
    table="models.default_score",
    inputs={"features": "gold.feature", **TABLES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer with a loan or card who isn't in default, and date: the chance of it and why",
    model="default",
)
