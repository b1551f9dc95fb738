"""A small book of customers whose behaviour foretells what they do: enough to learn from, known in advance."""

from __future__ import annotations

import importlib
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.core.features import FRAMES

START, AS_OF = date(2023, 1, 1), date(2024, 12, 31)
HELD = [
    "customer_id",
    "contract_id",
    "account_id",
    "product_id",
    "family",
    "role",
    "share",
    "opened_on",
    "closed_on",
]
"""What a test says of a holding."""
PRODUCTS = (
    ("p|DP", "deposit", 0.02, 0),
    ("p|CC", "card", 0.05, 60),
    ("p|FD", "fund", 0.01, 0),
    ("p|IN", "insurance", 0.0, 200),
)


def month_ends() -> list[date]:
    return [d.date() for d in pd.date_range(START, AS_OF, freq="ME")]


def make_book(spark: SparkSession, customers: int = 1500, seed: int = 1) -> dict[str, DataFrame]:
    """Frames by table name. Those who book less leave sooner; those with funds take insurance."""
    rng = np.random.default_rng(seed)
    ids = [f"C{i:05d}" for i in range(customers)]
    ends = month_ends()
    wealth = rng.lognormal(8, 1, customers)
    activity = rng.integers(1, 9, customers)
    hazard = 0.002 + 0.05 * (activity <= 2)
    gone = np.array([_first(rng.random(len(ends)) < h) for h in hazard])
    holding, balance, booking = [], [], []
    for i, customer in enumerate(ids):
        left = ends[gone[i]] if gone[i] < len(ends) else None
        fund = rng.random() < 0.4
        contracts = [("DP", "deposit", date(2020, 1, 1), left)]
        if fund:
            contracts.append(("FD", "fund", date(2021, 1, 1), left))
        for product, family, monthly in (("IN", "insurance", 0.06 if fund else 0.006), ("CC", "card", 0.02)):
            month = _first(rng.random(len(ends)) < monthly)
            if month < min(gone[i], len(ends)):
                contracts.append((product, family, ends[month] - timedelta(days=9), left))
        for product, family, opened, closed in contracts:
            contract = f"a|{customer}-{product}"
            holding.append(
                (
                    customer,
                    contract,
                    "account",
                    contract,
                    f"p|{product}",
                    family,
                    "owner",
                    1.0,
                    opened,
                    closed,
                )
            )
        account = f"a|{customer}-DP"
        for m, end in enumerate(ends[: gone[i]]):
            balance.append((account, end, "closing", float(wealth[i] * (1 + 0.02 * m))))
            days = [end - timedelta(days=3 * n) for n in range(activity[i])]
            booking += [(account, day, "card", "debit", 1, 20.0) for day in days]
            booking.append((account, end, "fee", "debit", 1, 2.0))
    frames = {table: empty(spark, table) for table in FRAMES.values() if not table.startswith("identity")}
    parties = [(f"core|{c}", c, "core", "person") for c in ids]
    frames["identity.crosswalk"] = spark.createDataFrame(
        parties, "party_id string, customer_id string, source string, kind string"
    )
    frames["gold.customer_holding"] = fill(
        spark,
        "gold.customer_holding",
        holding,
        [
            "customer_id",
            "contract_id",
            "kind",
            "account_id",
            "product_id",
            "family",
            "role",
            "share",
            "opened_on",
            "closed_on",
        ],
    )
    frames["silver.holding"] = fill(
        spark,
        "silver.holding",
        [
            (f"core|{h[0]}|{h[1]}", f"core|{h[0]}", h[1], h[4], "owner", h[8], None, h[8], h[8])
            for h in holding
        ],
        [
            "holding_id",
            "party_id",
            "account_id",
            "product_id",
            "role",
            "opened_on",
            "closed_on",
            "valid_from",
            "known_from",
        ],
    )
    frames["silver.balance"] = fill(
        spark,
        "silver.balance",
        [(*b, b[1]) for b in balance],
        ["account_id", "balance_on", "kind", "balance", "known_from"],
    )
    frames["gold.account_daily"] = fill(
        spark,
        "gold.account_daily",
        [(*b, b[1], "b1") for b in booking],
        ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
    )
    frames["silver.product"] = fill(
        spark,
        "silver.product",
        [(p, f, m, fee, True, START, START) for p, f, m, fee in PRODUCTS],
        ["product_id", "family", "margin", "fee", "on_sale", "valid_from", "known_from"],
    )
    return frames


def empty(spark: SparkSession, table: str) -> DataFrame:
    """The table's declared schema without rows."""
    return spark.createDataFrame([], schema_of(table))


def fill(spark: SparkSession, table: str, rows: list[tuple[Any, ...]], names: list[str]) -> DataFrame:
    """Rows given by some columns; the others are null, values cast to the declared types."""
    declared = schema_of(table)
    given = (
        spark.createDataFrame(pd.DataFrame(rows, columns=names))
        if rows
        else spark.createDataFrame([], declared)
    )
    for field in declared.fields:
        value = given[field.name] if field.name in given.columns else None
        given = given.withColumn(
            field.name, (value if value is not None else F.lit(None)).cast(field.dataType)
        )
    return given.select(*[f.name for f in declared.fields])


def schema_of(table: str) -> Any:
    layer, name = table.split(".")
    spark_type = importlib.import_module(f"jobs.{layer}.{name}").SCHEMA.spark
    for field in spark_type.fields:
        field.nullable = True
    return spark_type


def _first(hits: Any) -> int:
    return int(np.argmax(hits)) if hits.any() else len(hits) + 1
