"""gold.feature: one row per customer and business date: every configured feature as known at its close.

Features stand in one array of name and value, so that a bank adds one in YAML without changing a table.
Readers take columns back with jobs.core.features.widened, models vectors (jobs.core.vectors). `definition` is the hash of all
definitions: rows are comparable, and a model applicable, only under the same one. Training asks
jobs.core.features.compute_features for past dates instead of reading old rows.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.features import FeaturesConf
from jobs.core.features import FRAMES, PACKED, compute_features, packed
from jobs.core.job import AsOf, Job
from jobs.core.schema import column, schema

SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="close of the day at which it was known"),
    column("features", PACKED, level=4, category="behaviour", meaning="features by name; meaning and level of each in conf/shared/features"),
    column("definition", "string", level=1, category="technical", meaning="hash of the definitions of all features"),
    key=("customer_id", "as_of"),
    subject="customer_id",
)  # fmt: skip


def build(*, golden_record: DataFrame, bank: Bank, as_of: date, **frames: DataFrame) -> DataFrame:
    """Every customer's features at the close of `as_of`."""
    config = bank.section("features", FeaturesConf)
    wide = compute_features(frames, config, as_of=as_of, customers=golden_record)
    return packed(wide, config).withColumn("definition", F.lit(config.definition))


JOB = Job(
    table="gold.feature",
    inputs={"golden_record": "identity.golden_record", **FRAMES},
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer and business date: every configured feature as known at its close",
)
