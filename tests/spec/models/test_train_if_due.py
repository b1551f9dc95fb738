"""A lake with yesterday's verdicts goes in; the command trains none that isn't due, and says why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from jobs.gold import model_retrain
from tests.commands import onebook

NAMES = ("churn", "clv", "cross_sell", "default", "uplift")


def test_models_within_their_bounds_are_not_trained(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = [
        (date(2025, 3, 31), name, 1, date(2025, 1, 31), False, []) for name in NAMES
    ]
    # Last month's verdict, and one of the future, don't count.
    rows += [(date(2025, 2, 28), "churn", 1, date(2025, 1, 31), True, ["auc is low"])]
    rows += [(date(2025, 4, 1), "churn", 1, date(2025, 1, 31), True, ["auc is low"])]
    frame = spark.createDataFrame(rows, model_retrain.SCHEMA.spark)
    lake.append(frame, "gold.model_retrain", model_retrain.SCHEMA, {})
    done = onebook("train", "--if-due", "--lake", tmp_path / "lake", "--as-of", "2025-03-31", "--json")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told == [{"model": n, "is_due": False, "reason": "within its bounds"} for n in NAMES]
    assert not (tmp_path / "lake" / "mlflow.db").exists()
