"""models.churn_score: one row per customer who can still leave, and date: the chance of it and why.

Beside it models.churn_survival, from the same hazard: one row per customer, date and horizon. The longest horizon that
the hazard was learnt for is the headline figure of churn_score.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ChurnSpec, ModelsSpec
from jobs.core.job import AsOf, Job, Output
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from models.churn.features import TABLES, candidates
from models.core.book import HOLDINGS, features_of
from models.core.champions import Champion
from models.core.curves import score_with_curve
from models.core.explanations import REASONS_DDL
from models.core.scoring import tier_of

KEY: Final = ["customer_id", "as_of"]
SURVIVAL: Final = "models.churn_survival"
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("score", "double", level=3, category="model", meaning="raw model output, 0 … 1"),
    column("probability", "double", level=3, category="model", meaning="calibrated probability of leaving within the horizon"),
    column("percentile", "double", level=3, category="model", meaning="place in the champion's reference population, 1 most at risk"),
    column("tier", "string", level=3, category="model", meaning="high, medium or low, by percentile as configured"),
    column("horizon_months", "int", level=1, category="technical", meaning="months that the probability covers"),
    column("reasons", REASONS_DDL, level=3, category="model", meaning="features that moved the score most; for the most at risk"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=KEY,
    subject="customer_id",
)  # fmt: skip
CURVE = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("months", "int", level=1, category="key", meaning="horizon in months from the date on"),
    column("probability", "double", level=3, category="model", meaning="calibrated probability of having left by the horizon, never falling with it"),
    column("survival", "double", level=3, category="model", meaning="probability of still being there: 1 − probability"),
    column("hazard", "double", level=3, category="model", meaning="monthly chance of leaving, for who is still there, in the span that ends at the horizon"),
    column("learnt", "boolean", level=1, category="technical", meaning="false where carried on at the mean hazard of the longest horizon learnt"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=(*KEY, "months"),
    subject="customer_id",
)  # fmt: skip


def build(
    features: DataFrame,
    customer_holding: DataFrame,
    account_daily: DataFrame,
    *,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    model: Champion | None,
) -> dict[str, DataFrame]:
    """Scores and survival from `as_of` on under the champion; no rows while there is none."""
    if model is None:
        return {name: spark.createDataFrame([], o.schema.spark) for name, o in JOB.outputs.items()}
    spec = bank.section("models", ModelsSpec).churn
    frames = {HOLDINGS: customer_holding, "account_daily": account_daily}
    rows = candidates(frames, spec, [as_of]).join(
        features_of(features, as_of, bank.section("features", FeaturesConf), model.features),
        on=KEY,
        how="inner",
    )
    known = shared(score_with_curve(rows, model, KEY, spec.score, spec.carried))
    return {JOB.table: _headline(known, model, spec), SURVIVAL: _survival(known, model)}


def _headline(scored: DataFrame, model: Champion, spec: ChurnSpec) -> DataFrame:
    """The longest horizon that was learnt, with reasons."""
    return scored.select(
        *KEY,
        "score",
        F.col("calibrated").alias("probability"),
        "percentile",
        tier_of(F.col("percentile"), spec.score.tiers).alias("tier"),
        F.lit(model.horizon_months).alias("horizon_months"),
        "reasons",
        F.lit(model.version).alias("model_version"),
    )


def _survival(scored: DataFrame, model: Champion) -> DataFrame:
    """The curve, horizon by horizon."""
    return scored.select(*KEY, F.inline("curve")).select(
        *KEY,
        "months",
        "probability",
        (1 - F.col("probability")).alias("survival"),
        "hazard",
        (F.col("months") <= model.horizon_months).alias("learnt"),
        F.lit(model.version).alias("model_version"),
    )


JOB = Job(
    table="models.churn_score",
    inputs={"features": "gold.feature", **TABLES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer who can still leave, and date: the chance of it and why; beside it the survival curve",
    also={SURVIVAL: Output(CURVE, AsOf())},
    model="churn",
)
