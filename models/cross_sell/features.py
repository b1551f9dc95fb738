"""What each customer could take up next at a date: products on sale that they don't hold, and how they stand to each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.labels import CrossSellLabel
from conf.models import CrossSellSpec
from jobs.columns.time import current_as_of
from models.core.book import HOLDINGS, at_each, running_at, within
from models.core.splits import add_months

TABLES: Final = {HOLDINGS: "gold.customer_holding", "product": "silver.product"}
KEY: Final = ["customer_id", "as_of"]
OFFER: Final = ("product_id", "family")
PRICES: Final = ("margin", "fee", "risk_level")
LIMITS: Final = ("min_age", "max_age", "min_income")
HOLDS: Final = "holds_"
PRODUCT: Final = "product_"
"""Prefix of what describes the offered product, so that no feature of the customer bears its name."""
POPULAR_MONTHS: Final = 6
NEWCOMER_DAYS: Final = 31
"""What a new customer opens in the first month is part of joining, not a next product."""


def candidates(frames: Mapping[str, DataFrame], spec: CrossSellSpec, dates: Sequence[date]) -> DataFrame:
    """`offers` with one holds_… feature for each product of the catalogue (which doesn't grow with the bank)."""
    catalogue = frames["product"].select("product_id").distinct().collect()
    return offers(frames, spec, dates, sorted(holds_name(r["product_id"]) for r in catalogue))


def offers(
    frames: Mapping[str, DataFrame], spec: CrossSellSpec, dates: Sequence[date], holds: Iterable[str]
) -> DataFrame:
    """One row per customer with a running contract, date and product on sale that they don't hold then.

    Context: held (contracts running), held_family (of the product's family), the `holds` features (1 where the
    product runs), margin, fee, risk_level, adopters (the product's share of what customers took up in the six months
    before the date), and the limits product_min_age, product_max_age and product_min_income.
    """
    label = spec.label
    names = list(holds)
    people = _holders(running_at(frames[HOLDINGS], dates, label.roles), names)
    offered = _on_sale(frames["product"], dates, label)
    popular = offered.join(adopters(frames[HOLDINGS], dates, label), on=["product_id", "as_of"], how="left")
    pairs = people.join(F.broadcast(popular), on="as_of", how="inner")
    free = pairs.where(~F.array_contains("_products", F.col("product_id")))
    same = F.size(F.filter("_families", lambda f: f == F.col("family"))).cast("double")
    return free.select(
        *KEY,
        *OFFER,
        "held",
        same.alias("held_family"),
        *names,
        *[F.col(p).cast("double").alias(f"{PRODUCT}{p}") for p in (*PRICES, *LIMITS)],
        F.coalesce("adopters", F.lit(0.0)).alias("adopters"),
    )


def _holders(held: DataFrame, holds: Sequence[str]) -> DataFrame:
    """One row per customer and date: held, the `holds` features, and what else their offers are told by."""
    people = held.groupBy(*KEY).agg(
        F.count("*").cast("double").alias("held"),
        F.collect_set("product_id").alias("_products"),
        F.collect_list(F.coalesce("family", F.lit(""))).alias("_families"),
    )
    names = F.transform("_products", lambda p: F.concat(F.lit(HOLDS), F.regexp_replace(p, r"\W+", "_")))
    each = [F.array_contains("_names", n).cast("double").alias(n) for n in holds]
    return people.withColumn("_names", names).select("*", *each).drop("_names")


def holds_name(product_id: str) -> str:
    """The feature that says whether a product is held; LightGBM takes word characters only."""
    return HOLDS + re.sub(r"\W+", "_", product_id)


def adopters(holdings: DataFrame, dates: Sequence[date], label: CrossSellLabel) -> DataFrame:
    """(product_id, as_of, adopters): each product's share of what customers took up in the months before."""
    taken = at_each(
        adoptions(holdings, label),
        ["product_id"],
        dates,
        lambda d: {"taken": F.count(F.when(within("opened_on", add_months(d, -POPULAR_MONTHS), d), 1))},
    )
    whole = F.sum("taken").over(Window.partitionBy("as_of"))
    return taken.select(
        "product_id", "as_of", (F.col("taken") / F.greatest(whole, F.lit(1))).alias("adopters")
    )


def adoptions(holdings: DataFrame, label: CrossSellLabel) -> DataFrame:
    """Contracts that people who already were customers took up: customer_id, product_id, opened_on."""
    mine = holdings.where(F.col("role").isin(*label.roles))
    since = mine.groupBy("customer_id").agg(F.min("opened_on").alias("_since"))
    joined = mine.join(since, on="customer_id", how="inner")
    later = joined.where(F.col("opened_on") > F.date_add("_since", NEWCOMER_DAYS))
    return later.select("customer_id", "product_id", "opened_on")


def _on_sale(products: DataFrame, dates: Sequence[date], label: CrossSellLabel) -> DataFrame:
    """(product_id, family, as_of, prices, limits) of the products on sale at each date, as known then."""
    wanted = F.coalesce("on_sale", F.lit(True)) & F.col("family").isin(*label.families)
    at = [
        current_as_of(products, d, "product_id")
        .where(wanted)
        .select(*OFFER, *PRICES, *LIMITS, F.lit(d).alias("as_of"))
        for d in dates
    ]
    return reduce(DataFrame.unionByName, at)
