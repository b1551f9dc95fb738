"""One Spark session for the whole test process, with settings for small data; a lake of its own for each test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pyspark.sql import SparkSession

from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ONEBOOK_SHARED_DATA", ROOT.parent / "shared" / "data"))

# How long an example takes tells of the machine, not of the code; fixtures of a function hold nothing that examples change.
settings.register_profile(
    "onebook",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("onebook")

# C1 only: short tests never repay the optimising compiler (RESEARCH: 56 s against 38 s of wall time). With C1 alone Java
# reserves 48 MB for compiled code; the suite fills them, and from then on what is thrown out runs interpreted.
# Nor do a few rows repay code that is generated for each plan (a quarter of Java's time); whole books run in processes of
# their own, with the settings of a real run.
TEST_SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:+UseParallelGC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.warehouse.dir": str(ROOT / "data" / "warehouse"),
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The process's session."""
    started = session.start(load_settings(profile="local"), extra=TEST_SETTINGS)
    yield started
    started.stop()


@pytest.fixture(autouse=True, scope="module")
def frames_let_go() -> Iterator[None]:
    """Frames of a finished module in reference cycles: Java keeps what they broadcast until Python lets go of them."""
    yield
    gc.collect()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(storage.as_uri(tmp_path / "lake"))


def shared(*parts: str) -> Path:
    """Real data that lies beside the project. Skips the test, saying so, where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the real data {'/'.join(parts)} isn't here (ONEBOOK_SHARED_DATA names its folder)")
    return path
