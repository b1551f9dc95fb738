"""A toy bank with a configuration of its own: few features, quick learning, trained once for all tests here."""

from __future__ import annotations

import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank
from conf.features import FeaturesConf
from jobs.core.features import FRAMES, compute_features, packed
from models.core.champions import Champion
from models.core.gate import Verdict
from models.core.in_force import load
from models.core.registry import Registry
from models.core.training import train_all
from tests.spec.models.book import AS_OF, empty, make_book

FEATURES = """
sources:
  account_daily: {table: gold.account_daily, entity: account, on: booked_on}
  balance: {table: silver.balance, entity: account, shape: versions, on: balance_on, key: [account_id, kind]}
features:
  own_txn_count_90d: {source: account_daily, aggregate: sum, of: transactions, where: "kind = 'card'", window_days: 90, fill: 0, meaning: bookings}
  days_since_own_txn: {source: account_daily, aggregate: days_since, where: "kind = 'card'", window_days: 365, meaning: recency}
  deposits: {source: balance, aggregate: sum, of: balance, meaning: balances}
"""
QUICK = "{rounds: 60, patience: 10, threads: 1, params: {num_leaves: 7, min_data_in_leaf: 20, learning_rate: 0.1}}"
# So few customers can't tell a lead from noise (draws: 0); tests/unit/models/test_gate.py shows that gate.
MODELS = f"""
churn:
  horizon_months: 6
  horizons: [1, 3, 6]
  snapshots: {{count: 2, every_months: 2}}
  learn: {QUICK}
  gate: {{metric: auc, min_cases: 50, min_later_cases: 20, max_calibration_error: 0.1, draws: 0}}
  score: {{tiers: {{high: 0.9, low: 0}}}}
clv:
  horizon_months: 12
  label: {{margins: {{deposit: 0.02}}}}
  snapshots: {{count: 2, every_months: 2, overlap: other_customers}}
  learn: {QUICK}
  gate: {{metric: spearman, min_cases: 100, min_later_cases: 50, max_calibration_error: 0.3, draws: 0}}
  score: {{tiers: {{top: 0.8, low: 0}}, reasons_from_percentile: 0}}
cross_sell:
  horizon_months: 6
  label:
    eligible: "product_id != 'p|IN' or deposits > 3000"
    contact_costs: {{insurance: 5, card: 0.05}}
  snapshots: {{count: 2, every_months: 2}}
  learn: {QUICK}
  gate: {{metric: map_at_3, min_cases: 50, min_later_cases: 20, max_calibration_error: 0.1}}
"""


@dataclass(frozen=True)
class Trained:
    """What a first training left behind."""

    frames: dict[str, DataFrame]
    bank: Bank
    tracking_uri: str
    artifact_uri: str
    verdicts: dict[str, Verdict]

    @property
    def registry(self) -> Registry:
        """The bank's part of where they are registered."""
        return Registry(self.tracking_uri, self.bank.name)

    def champion(self, name: str) -> Champion:
        """The champion of a model; there is one."""
        found = load(name, self.registry)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def toy_bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return bank_of(tmp_path_factory.mktemp("conf"), MODELS)


@pytest.fixture(scope="session")
def toy_book(spark: SparkSession) -> Iterator[dict[str, DataFrame]]:
    frames = {name: frame.persist() for name, frame in make_book(spark, 1_500).items()}
    yield frames
    for frame in frames.values():
        frame.unpersist()


@pytest.fixture(scope="session")
def trained(
    spark: SparkSession,
    toy_bank: Bank,
    toy_book: dict[str, DataFrame],
    tmp_path_factory: pytest.TempPathFactory,
) -> Trained:
    lake = tmp_path_factory.mktemp("lake")
    uri, artefacts = f"sqlite:///{lake}/mlflow.db", f"file://{lake}/_models"
    versions = {"gold.account_daily": 7}
    verdicts = train_all(
        spark, reader(spark, toy_book), toy_bank, AS_OF, uri, artefacts, table_versions=versions, code="c0de"
    )
    return Trained(toy_book, toy_bank, uri, artefacts, {v.model: v for v in verdicts})


def bank_of(tree: Path, models: str) -> Bank:
    for section, text in (("features", FEATURES), ("models", models)):
        folder = tree / "shared" / section
        folder.mkdir(parents=True)
        (folder / "all.yml").write_text(text)
    return Bank("toy", (tree,))


def reader(spark: SparkSession, frames: dict[str, DataFrame]) -> Callable[[str], DataFrame]:
    return lambda table: frames[table] if table in frames else empty(spark, table)


@pytest.fixture(scope="session")
def feature_table(spark: SparkSession, trained: Trained) -> DataFrame:
    """gold.feature of the date, as its job makes it."""
    config = trained.bank.section("features", FeaturesConf)
    frames = {name: trained.frames[table] for name, table in FRAMES.items()}
    people = trained.frames["identity.crosswalk"]
    return packed(compute_features(frames, config, as_of=AS_OF, customers=people), config).persist()
