"""models.cross_sell_score: one row per customer, date and product on sale that they don't hold and may have."""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.models import CrossSellLabel, ModelsSpec
from conf.sql import columns_in
from jobs.columns.money import MONEY, money
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from models.core.book import HOLDINGS, features_of
from models.core.champions import Champion
from models.core.explanations import REASONS_DDL
from models.core.scoring import score
from models.cross_sell.features import HOLDS, KEY, TABLES, offers

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the score"),
    column("product_id", "string", level=1, category="key", meaning="product on sale that the customer doesn't hold"),
    column("family", "string", level=1, category="reference", meaning="deposit, loan, card, fund, insurance or wealth"),
    column("score", "double", level=3, category="model", meaning="raw model output, 0 … 1"),
    column("probability", "double", level=3, category="model", meaning="calibrated probability of taking it up within the horizon"),
    column("rank", "int", level=3, category="model", meaning="place among the customer's products, 1 the likeliest"),
    column("expected_value", MONEY, level=3, category="model", meaning="probability × a year's margin and fee on a usual amount"),
    column("percentile", "double", level=3, category="model", meaning="place in the champion's reference population of offers"),
    column("horizon_months", "int", level=1, category="technical", meaning="months that the probability covers"),
    column("reasons", REASONS_DDL, level=3, category="model", meaning="features that moved the score most; for the likeliest offers"),
    column("model_version", "int", level=1, category="technical", meaning="registered version of the champion"),
    key=(*KEY, "product_id"),
    subject="customer_id",
)  # fmt: skip
KEPT: Final = (*KEY, "product_id", "family", "product_margin", "product_fee")


def build(
    features: DataFrame,
    customer_holding: DataFrame,
    product: DataFrame,
    *,
    as_of: date,
    bank: Bank,
    spark: SparkSession,
    model: Champion | None,
) -> DataFrame:
    """Every eligible offer of `as_of` under the champion, ranked by customer; no rows while there is none."""
    if model is None:
        return spark.createDataFrame([], SCHEMA.spark)
    spec = bank.section("models", ModelsSpec).cross_sell
    frames = {HOLDINGS: customer_holding, "product": product}
    context = offers(frames, spec, [as_of], [n for n in model.features if n.startswith(HOLDS)])
    drawn = {*model.features, *columns_in(spec.label.eligible)} - set(context.columns)
    rows = context.join(
        features_of(features, as_of, bank.section("features", FeaturesConf), sorted(drawn)),
        on=KEY,
        how="inner",
    )
    eligible = rows.where(F.coalesce(F.expr(spec.label.eligible), F.lit(True)))
    scored = score(eligible, model, KEPT, spec.score)
    best_first = Window.partitionBy(*KEY).orderBy(F.desc("score"), "product_id")
    return scored.select(
        *KEY,
        "product_id",
        "family",
        "score",
        F.col("calibrated").alias("probability"),
        F.row_number().over(best_first).alias("rank"),
        money(F.col("calibrated") * _yearly(spec.label)).alias("expected_value"),
        "percentile",
        F.lit(model.horizon_months).alias("horizon_months"),
        "reasons",
        F.lit(model.version).alias("model_version"),
    )


def _yearly(label: CrossSellLabel) -> Column:
    """What a year of the product brings on an amount usual for its family."""
    usual = F.create_map(*[F.lit(x) for pair in label.usual_amounts.items() for x in pair])
    margin = F.coalesce("product_margin", F.lit(0.0)) * F.coalesce(usual[F.col("family")], F.lit(0.0))
    return margin + F.coalesce("product_fee", F.lit(0.0))


JOB = Job(
    table="models.cross_sell_score",
    inputs={"features": "gold.feature", **TABLES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer, date and product on sale that they don't hold and may have",
    model="cross_sell",
)
