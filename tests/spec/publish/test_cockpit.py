from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.core.catalog import Lake
from jobs.core.ledger import Entry
from jobs.core.quality import RESULT
from jobs.publish.cockpit import Cockpit, Gathering
from jobs.registry import registry
from tests.spec.gold.frames import rows

DAY, BEFORE = date(2025, 12, 31), date(2025, 12, 30)
DRIFT = {
    "model": "churn",
    "model_version": 3,
    "rows": 100,
    "missing": 0.0,
    "expected_missing": 0.1,
    "ks": 0.2,
}
OUTCOME = {"as_of": "2025-12-31", "model": "churn", "model_version": 2, "horizon_end": "2025-12-31", "rows": 900, "cases": 90, "calibration_error": 0.01}  # fmt: skip


def cockpit(spark: SparkSession, lake: Lake, entries: list[Entry] | None = None) -> Cockpit:
    return Gathering(lake, spark, DAY, days=30).cockpit("toy", entries or [])


def filled(spark: SparkSession, folder: Path) -> Lake:
    """A lake of small tables: two days of drift, one judged scoring, a segment, a warning, a broken rule."""
    lake = Lake(f"file://{folder}")
    given: dict[str, list[dict[str, Any]]] = {
        "gold.model_drift": [
            {**DRIFT, "as_of": "2025-12-30", "subject": "score", "psi": 0.05},
            {**DRIFT, "as_of": "2025-12-31", "subject": "score", "psi": 0.4},
            {**DRIFT, "as_of": "2025-12-31", "subject": "deposits", "psi": 0.3},
            {**DRIFT, "as_of": "2025-12-31", "subject": "logins", "psi": 0.1},
            {**DRIFT, "as_of": "2025-12-30", "subject": "deposits", "psi": 0.9},
        ],
        "gold.model_retrain": [
            {"as_of": "2025-12-31", "model": "churn", "model_version": 3, "trained_as_of": "2025-10-31", "is_due": True, "reasons": ["score moved by PSI 0.40"]},
        ],
        "gold.model_outcome": [
            {**OUTCOME, "attribute": "all", "group_name": "all", "scored_on": "2025-06-30", "observed": 0.1, "foretold": 0.11, "auc": 0.8, "auc_low": 0.78, "auc_high": 0.82, "lift_10": 4.5},
            {**OUTCOME, "attribute": "sex", "group_name": "woman", "scored_on": "2025-06-30", "observed": 0.12, "foretold": 0.1, "auc": None, "auc_low": None, "auc_high": None, "lift_10": None},
            {**OUTCOME, "attribute": "all", "group_name": "all", "scored_on": "2025-05-31", "observed": 0.5, "foretold": 0.9, "auc": 0.6, "auc_low": 0.5, "auc_high": 0.7, "lift_10": 1.0},
        ],
        "gold.segment_history": [
            {"segment": "loyal", "customer_id": "A", "valid_from": "2025-01-31"},
            {"segment": "loyal", "customer_id": "B", "valid_from": "2025-12-15"},
            {"segment": "loyal", "customer_id": "C", "valid_from": "2025-01-31"},
            {"segment": "loyal", "customer_id": "D", "valid_from": "2026-01-02"},
            {"segment": "loyal", "customer_id": "C", "valid_from": "2025-12-20", "is_deleted": True},
        ],
        "gold.alert_history": [
            {"customer_id": "SECRET1", "alert": "arrears", "level": "alarm", "within_budget": True, "valid_from": "2025-12-01"},
            {"customer_id": "SECRET2", "alert": "arrears", "level": "alarm", "within_budget": True, "valid_from": "2025-12-01"},
            {"customer_id": "SECRET2", "alert": "arrears", "level": "alarm", "within_budget": False, "valid_from": "2025-12-31"},
            {"customer_id": "SECRET3", "alert": "arrears", "level": "alarm", "within_budget": True, "valid_from": "2025-12-01"},
            {"customer_id": "SECRET3", "alert": "arrears", "level": "alarm", "within_budget": True, "valid_from": "2025-12-30", "is_deleted": True},
            {"customer_id": "SECRET4", "alert": "arrears", "level": "alarm", "within_budget": True, "valid_from": "2026-01-02"},
        ],
    }  # fmt: skip
    schemas = registry().schemas
    for table, found in given.items():
        lake.append(rows(spark, table, *found), table, schemas[table], {})
    told = ("silver.loan", "amount_missing", DAY, "x", "warn", "warning", 50, 7, "warn", "s")
    held = ("silver.loan", "key_repeated", DAY, "x", "fail", "critical", 50, 0, "ok", "s")
    lake.append(spark.createDataFrame([told, held], RESULT.spark), "quality.result", RESULT, {})
    return lake


def test_each_part_is_of_the_last_day_and_counts_only(spark: SparkSession, tmp_path: Path) -> None:
    found = cockpit(spark, filled(spark, tmp_path))
    assert [(r["subject"], r["psi"]) for r in found.drift] == [("deposits", 0.3), ("logins", 0.1)]
    assert [(r["as_of"], r["psi"]) for r in found.score_drift] == [(BEFORE, 0.05), (DAY, 0.4)]
    assert [(r["group_name"], r["observed"]) for r in found.outcomes] == [("all", 0.1), ("woman", 0.12)]
    assert found.segments == [{"segment": "loyal", "members": 2, "entered": 1, "left": 1}]
    assert found.alerts == [{"alert": "arrears", "level": "alarm", "standing": 2, "within_budget": 1}]
    assert [(r["rule"], r["failures"]) for r in found.quality] == [("amount_missing", 7)]


def test_the_page_says_what_is_wrong_and_names_nobody(spark: SparkSession, tmp_path: Path) -> None:
    failed = Entry("gold.feature", DAY, "failed", message="<b>no room</b>")
    stale = Entry("gold.alert", DAY, "written", stale=["gold.feature"])
    page = cockpit(
        spark, filled(spark, tmp_path), [failed, stale, Entry("silver.loan", DAY, "written")]
    ).html()
    text = re.sub(r"<[^>]+>", " ", page)
    for told in (
        "gold.feature",
        "due : score moved by PSI 0.40",
        "0.800 [0.780, 0.820]",
        "amount_missing",
        "loyal",
    ):
        assert told in re.sub(r"\s+", " ", text)
    assert "built on the last version of gold.feature" in text
    assert "silver.loan failed" not in text
    assert "SECRET" not in page
    assert "<b>no room" not in page  # messages are text, never markup
    assert page.count("<svg") == 3


def test_an_empty_lake_gives_a_page_that_says_so(spark: SparkSession, tmp_path: Path) -> None:
    page = cockpit(spark, Lake(f"file://{tmp_path}")).html()
    assert "All tables were brought to this date." in page
    assert "No model is watched yet" in page
    assert "<svg" not in page
