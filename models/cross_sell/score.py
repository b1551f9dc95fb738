"""models.cross_sell_score: one row per customer, date and product on sale that they don't hold and may have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.labels import CrossSellLabel
from conf.models import ModelsSpec
from conf.sql import columns_in
from jobs.columns.lookup import looked_up
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
    column("rank", "int", level=3, category="model", meaning="place among the customer's products by expected value, 1 the next best offer"),
    column("yearly_margin", MONEY, level=3, category="model", meaning="a year's margin and fee on an amount usual for the family"),
    column("contact_cost", MONEY, level=1, category="model", meaning="what it costs to make the offer, as configured by family"),
    column("expected_value", MONEY, level=3, category="model", meaning="probability × yearly_margin − contact_cost; below 0 the offer isn't worth its contact"),
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
    """Every eligible offer of `as_of` under the champion, ranked by what it is expected to bring; no rows while there is none."""
    if model is None:
        return spark.createDataFrame([], SCHEMA.spark)
    spec = bank.section("models", ModelsSpec).cross_sell
    frames = {HOLDINGS: customer_holding, "product": product}
    context = offers(frames, spec, [as_of], [n for n in model.features if n.startswith(HOLDS)])
    drawn, asked = (set(n) - set(context.columns) for n in (model.features, columns_in(spec.label.eligible)))
    config = bank.section("features", FeaturesConf)
    known = features_of(features, as_of, config, drawn, sorted(asked))
    rows = context.join(known, on=KEY, how="inner")
    eligible = rows.where(F.coalesce(F.expr(spec.label.eligible), F.lit(True)))
    scored = score(eligible, model, KEPT, spec.score)
    priced = valued(scored.withColumnRenamed("calibrated", "probability"), spec.label)
    return priced.select(
        *KEY,
        "product_id",
        "family",
        "score",
        "probability",
        "rank",
        "yearly_margin",
        "contact_cost",
        "expected_value",
        "percentile",
        F.lit(model.horizon_months).alias("horizon_months"),
        "reasons",
        F.lit(model.version).alias("model_version"),
    )


def valued(offers: DataFrame, label: CrossSellLabel) -> DataFrame:
    """Offers with yearly_margin, contact_cost, expected_value and rank among the customer's own.

    expected_value = probability × yearly_margin − contact_cost: what making the offer brings on average (Bult and
    Wansbeek 1995). Of equal values the likelier is first, then the product's key decides.
    """
    brings = money(_yearly(label)).alias("yearly_margin")
    costs = money(_by_family(label.contact_costs)).alias("contact_cost")
    priced = offers.select("*", brings, costs)
    value = money(F.col("probability") * F.col("yearly_margin") - F.col("contact_cost"))
    best_first = Window.partitionBy(*KEY).orderBy(F.desc("expected_value"), F.desc("score"), "product_id")
    return priced.withColumn("expected_value", value).withColumn("rank", F.row_number().over(best_first))


def _yearly(label: CrossSellLabel) -> Column:
    """What a year of the product brings on an amount usual for its family."""
    margin = F.coalesce("product_margin", F.lit(0.0)) * _by_family(label.usual_amounts)
    return margin + F.coalesce("product_fee", F.lit(0.0))


def _by_family(amounts: Mapping[str, float]) -> Column:
    """The family's amount, nothing where none is configured."""
    return F.coalesce(looked_up(amounts, F.col("family")), F.lit(0.0))


JOB = Job(
    table="models.cross_sell_score",
    inputs={"features": "gold.feature", **TABLES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer, date and product on sale that they don't hold and may have",
    model="cross_sell",
)
