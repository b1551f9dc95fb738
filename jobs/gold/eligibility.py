"""gold.eligibility: one row per audience and member of its segment, by date: whether they may be addressed, and why not.

Dated rows, so that for every day it can be shown on what evidence somebody was or wasn't addressed.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.gates import GatesConf
from conf.segments import AudienceSpec, SegmentsConf
from jobs.columns.time import current
from jobs.core.job import AsOf, IfAny, Input, Job
from jobs.core.schema import column, schema
from jobs.core.scores import latest
from jobs.core.shared import shared
from jobs.gold.gates import GATES, evaluate, shared_out
from jobs.gold.gates.interface import DENIAL, VERSION

EVIDENCE: Final[dict[str, Input]] = {
    "consent": "silver.consent",
    "crosswalk": "identity.crosswalk",
    "golden_record": "identity.golden_record",
    "golden_identity": "identity.golden_identity",
    "suitability": "silver.suitability",
    "product": "silver.product",
    "watch_list": "silver.watch_list",
    "campaign_contact": "silver.campaign_contact",
}

AUDIENCE: Final = "segment string, purpose string, channel string, product_id string, product_family string"

SCHEMA = schema(
    column("segment", "string", level=1, category="key", meaning="segment whose audience it is"),
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date at whose close the gates were asked"),
    column("purpose", "string", level=1, category="reference", meaning="purpose that consent must cover"),
    column("channel", "string", level=1, category="reference", meaning="channel that consent must cover"),
    column("product_id", "string", level=1, category="key", meaning="product offered, null where none is"),
    column("allowed", "boolean", level=3, category="preference", meaning="whether every gate said yes"),
    column("denials", f"array<{DENIAL}>", level=3, category="preference", meaning="gates that said no, each with its reason"),
    column("versions", f"array<{VERSION}>", level=2, category="technical", meaning="version of the evidence that each gate decided on"),
    key=("segment", "customer_id", "as_of"),
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    members: DataFrame,
    cross_sell: DataFrame,
    bank: Bank,
    as_of: date,
    spark: SparkSession,
    **evidence: DataFrame,
) -> DataFrame:
    """Every member of every audience, judged by every gate, and all lists together held to the contact cap."""
    audiences = bank.section("segments", SegmentsConf).audiences(as_of)
    if not audiences:
        return spark.createDataFrame([], SCHEMA.spark)
    asked = candidates(members, audiences, evidence["product"], cross_sell, as_of=as_of, spark=spark)
    conf = bank.section("gates", GatesConf)
    links = shared(evidence["crosswalk"].select("party_id", "customer_id"))
    known = {**evidence, "crosswalk": links}
    judged = evaluate(GATES, shared(asked), known, as_of=as_of, conf=conf)
    kept = shared_out(judged, known, list(audiences), as_of, conf)
    return kept.withColumn("as_of", F.lit(as_of)).select(*SCHEMA.names)


def candidates(
    members: DataFrame,
    audiences: dict[str, AudienceSpec],
    products: DataFrame,
    cross_sell: DataFrame,
    *,
    as_of: date,
    spark: SparkSession,
) -> DataFrame:
    """Members of the audiences' segments with purpose, channel and the product that each would be offered."""
    told = [(name, a.purpose, a.channel, a.product_id, a.product_family) for name, a in audiences.items()]
    asked = spark.createDataFrame(told, AUDIENCE)
    mine = members.select("segment", "customer_id").join(F.broadcast(asked), on="segment", how="inner")
    best = F.min(F.struct("rank", "product_id"))["product_id"].alias("_best")
    offers = (
        latest(cross_sell, as_of).groupBy("customer_id", F.col("family").alias("product_family")).agg(best)
    )
    usual = _usual_products(products)
    rows = mine.join(offers, on=["customer_id", "product_family"], how="left").join(
        F.broadcast(usual), on="product_family", how="left"
    )
    return rows.withColumn("product_id", F.coalesce("product_id", "_best", "_usual")).drop("_best", "_usual")


def _usual_products(products: DataFrame) -> DataFrame:
    """(product_family, _usual): where no score tells, each family's least risky product on sale."""
    on_sale = current(products, "product_id").where(F.coalesce("on_sale", F.lit(False)))
    least = F.min(F.struct(F.coalesce("risk_level", F.lit(9)).alias("r"), "product_id"))["product_id"]
    return on_sale.groupBy(F.col("family").alias("product_family")).agg(least.alias("_usual"))


JOB = Job(
    table="gold.eligibility",
    inputs={"members": "gold.segment_member", "cross_sell": IfAny("models.cross_sell_score"), **EVIDENCE},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per audience and member of its segment, by date: whether they may be addressed",
)
