"""gold.audience: one row per audience and customer who may be addressed, by date, with scores and top reasons.

Only rows that gold.eligibility allowed on the very date; jobs.publish.files checks it again before it writes
the lists. A table of the lake, so that publish/ holds nothing but plain files.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.segments import AudienceSpec, SegmentsConf
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema
from jobs.core.scores import TARGETING, scored

TOP_REASONS: Final = 3

SCHEMA = schema(
    column("segment", "string", level=1, category="key", meaning="segment whose audience it is"),
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the list"),
    column("channel", "string", level=1, category="reference", meaning="channel to address them by"),
    column("product_id", "string", level=1, category="key", meaning="product to offer, null where none is"),
    column("value_tier", "string", level=3, category="financial", meaning="value tier"),
    column("lifecycle_stage", "string", level=2, category="behaviour", meaning="lifecycle stage"),
    column("expected_value", "decimal(18,2)", level=3, category="model", meaning="expected contribution, null without a score"),
    column("churn_probability", "double", level=3, category="model", meaning="probability of leaving, null without a score"),
    column("offer_probability", "double", level=3, category="model", meaning="probability of taking the best offer up, null without a score"),
    column("uplift_effect", "double", level=3, category="model", meaning="by how much contact for the audience's goal changes the chance of a response, null without a goal or score"),
    column("reasons", "array<string>", level=3, category="model", meaning="features that moved the scores most, with their values"),
    column("preferred_channel", "string", level=2, category="preference", meaning="channel that the customer uses most"),
    column("manager_id", "string", level=2, category="key", meaning="relationship manager"),
    column("branch_id", "string", level=2, category="key", meaning="branch in charge"),
    column("area_code", "string", level=2, category="quasi_identifier", meaning="administrative area"),
    column("age_band", "string", level=2, category="quasi_identifier", meaning="band of ages"),
    key=("segment", "customer_id", "as_of"),
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    eligibility: DataFrame,
    profile: DataFrame,
    bank: Bank,
    as_of: date,
    **scores: DataFrame,
) -> DataFrame:
    """Everybody whom every gate allowed on `as_of`."""
    allowed = eligibility.where((F.col("as_of") == F.lit(as_of)) & F.col("allowed"))
    listed = allowed.select("segment", "customer_id", "as_of", "channel", "product_id")
    goals = _goals(bank.section("segments", SegmentsConf).audiences(as_of))
    rows = scored(profile, as_of=as_of, **scores)
    known = listed.join(rows, on="customer_id", how="inner")
    effect = F.try_element_at("uplift_effects", goals)
    return known.withColumns({"reasons": _top_reasons(), "uplift_effect": effect}).select(*SCHEMA.names)


def _goals(audiences: Mapping[str, AudienceSpec]) -> Column:
    """The goal of the row's audience; null where it names none."""
    found = F.lit(None).cast("string")
    for name, audience in audiences.items():
        if audience.goal is not None:
            found = F.when(F.col("segment") == name, audience.goal).otherwise(found)
    return found


def _top_reasons() -> Column:
    """The strongest reasons over all scores, as `feature = value`."""
    none = F.array().cast("array<struct<feature:string,value:string,contribution:double>>")
    each = [F.coalesce(F.col(c), none) for c in ("churn_reasons", "offer_reasons", "value_reasons")]
    firsts = F.concat(*[F.slice(reasons, 1, 1) for reasons in each])
    told = F.transform(firsts, lambda r: F.concat_ws(" = ", r["feature"], r["value"]))
    return F.slice(F.array_distinct(told), 1, TOP_REASONS)


JOB = Job(
    table="gold.audience",
    inputs={"eligibility": "gold.eligibility", "profile": "gold.customer_profile", **TARGETING},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per audience and customer who may be addressed, by date",
)
