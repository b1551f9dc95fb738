from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from conf.bank import Bank
from conf.features import FeaturesConf
from jobs.gold import feature_dictionary

FEATURES = """
sources:
  money: {table: gold.account_daily, entity: account, on: booked_on, lag_days: 7}
  late: {table: silver.arrears, entity: loan, shape: versions, on: reported_on, key: [loan_id], through: [guarantor, spouse]}
features:
  spent_30d: {source: money, aggregate: sum, of: amount, where: "direction = 'debit'", window_days: 30, fill: 0, level: 4, meaning: spent}
  vouched: {source: late, aggregate: max, of: days_past_due, sensitive: true, meaning: late friends}
derived:
  ratio: {sql: "spent_30d / nullif(vouched, 0)", sensitive: true, meaning: a ratio}
"""


def test_every_feature_says_what_it_means_and_how_it_is_made(spark: SparkSession, tmp_path: Path) -> None:
    (folder := tmp_path / "shared" / "features").mkdir(parents=True)
    (folder / "all.yml").write_text(FEATURES)
    bank = Bank("toy", (tmp_path,))
    built = feature_dictionary.build(bank=bank, spark=spark)
    mark = bank.section("features", FeaturesConf).definition
    assert built.columns == feature_dictionary.SCHEMA.names
    assert [tuple(r) for r in built.collect()] == [
        ("spent_30d", "spent", 4, False, "gold.account_daily", None, "sum", "amount", "direction = 'debit'", 30, 7, 0.0, mark),
        ("vouched", "late friends", 3, True, "silver.arrears", "guarantor, spouse", "max", "days_past_due", None, None, 0, None, mark),
        ("ratio", "a ratio", 3, True, None, None, None, "spent_30d / nullif(vouched, 0)", None, None, None, None, mark),
    ]  # fmt: skip
