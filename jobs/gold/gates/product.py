"""Product: what is offered is on sale, and the customer's age and income are within its limits."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.columns.time import current_as_of
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, _: GatesConf) -> DataFrame:
    """Answers for everybody whose message offers nothing, or a product that the catalogue knows."""
    catalogue = current_as_of(evidence["product"], as_of, "product_id").select(
        "product_id", "on_sale", "min_age", "max_age", "min_income", F.col("valid_from").alias("version")
    )
    people = evidence["golden_record"].select("customer_id", "birth_date", "annual_income")
    offered = candidates.select(*CANDIDATE, "product_id", "product_family")
    rows = offered.join(catalogue, on="product_id", how="left").join(people, on="customer_id", how="left")
    nothing = F.col("product_id").isNull() & F.col("product_family").isNull()
    age = F.floor(F.months_between(F.lit(as_of), F.col("birth_date")) / 12)
    aged = F.col("min_age").isNotNull() | F.col("max_age").isNotNull()
    age_fits = F.coalesce(age >= F.coalesce("min_age", F.lit(0)), F.lit(False)) & F.coalesce(
        age <= F.coalesce("max_age", F.lit(999)), F.lit(False)
    )
    poor = (F.col("min_income") > 0) & ~F.coalesce(
        F.col("annual_income") >= F.col("min_income"), F.lit(False)
    )
    reason = first_reason(
        (nothing, "nothing offered"),
        (F.col("version").isNull(), "no such product on offer"),
        (~F.coalesce("on_sale", F.lit(False)), "not on sale"),
        (aged & ~age_fits, "age outside the product's limits, or unknown"),
        (F.coalesce(poor, F.lit(False)), "income below the product's limit, or unknown"),
        otherwise="within limits",
    )
    return rows.select(*answer(reason.isin("nothing offered", "within limits"), reason, F.col("version")))


PRODUCT = Gate("product", decide, "product unknown")
