"""models.clv_score: one row per customer with a running contract, and date: the expected contribution and why."""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import ModelsSpec
from jobs.columns.money import MONEY, money
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from models.clv.features import TABLES, candidates
from models.core.book import HOLDINGS, features_of
from models.core.champions import Champion
from models.core.explanations import REASONS_DDL
from models.core.scoring import score, tier_of

KEY: Final = ["customer_id", "as_of"]
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("score", "double", level=3, category="model", meaning="raw model output: asinh of a value, for order only"),
    column("expected_value", MONEY, level=3, category="model", meaning="calibrated contribution of the horizon, the bank's currency"),
    column("low", MONEY, level=3, category="model", meaning="lower end of the interval that the configured share of customers ends up in, null before a champion that has one"),
    column("high", MONEY, level=3, category="model", meaning="upper end of that interval"),
    column("percentile", "double", level=3, category="model", meaning="place in the champion's reference population, 1 most valuable"),
    column("tier", "string", level=3, category="model", meaning="top, high, middle or low, by percentile as configured"),
    column("horizon_months", "int", level=1, category="technical", meaning="months that the value covers"),
    column("reasons", REASONS_DDL, level=3, category="model", meaning="features that moved the score most; for the most valuable"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=KEY,
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    features: DataFrame,
    customer_holding: DataFrame,
    account_daily: DataFrame,
    balance: DataFrame,
    card_statement: DataFrame,
    loan: DataFrame,
    product: DataFrame,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    model: Champion | None,
) -> DataFrame:
    """Expected contributions from `as_of` on under the champion; no rows while there is none."""
    if model is None:
        return spark.createDataFrame([], SCHEMA.spark)
    spec = bank.section("models", ModelsSpec).clv
    frames = {
        HOLDINGS: customer_holding,
        "account_daily": account_daily,
        "balance": balance,
        "card_statement": card_statement,
        "loan": loan,
        "product": product,
    }
    context = candidates(frames, spec, [as_of])
    drawn = [n for n in model.features if n not in context.columns]
    rows = context.join(
        features_of(features, as_of, bank.section("features", FeaturesConf), drawn), on=KEY, how="inner"
    )
    scored = score(rows, model, KEY, spec.score)
    return scored.select(
        *KEY,
        "score",
        money(F.col("calibrated")).alias("expected_value"),
        *(money(F.col(end)).alias(end) for end in ("low", "high")),
        "percentile",
        tier_of(F.col("percentile"), spec.score.tiers).alias("tier"),
        F.lit(model.horizon_months).alias("horizon_months"),
        "reasons",
        F.lit(model.version).alias("model_version"),
    )


JOB = Job(
    table="models.clv_score",
    inputs={"features": "gold.feature", **TABLES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer with a running contract, and date: the expected contribution and why",
    model="clv",
)
