"""Every suite compiles on its own table: Spark resolves each predicate, aggregate and query against the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from expectations import measures
from expectations.gate import FAULTS, load_suite
from jobs.registry import registry

BANKS = Path(__file__).resolve().parents[3] / "conf" / "banks"
TREES = tuple(sorted(BANKS.glob("*/expectations")))


@pytest.mark.slow
def test_spark_resolves_every_rule_of_every_suite(spark: SparkSession) -> None:
    schemas = registry().schemas
    assert len(schemas) > 40
    for table, schema in schemas.items():
        suite = load_suite(table, *TREES)
        assert suite is not None
        empty = spark.createDataFrame([], schema.spark)
        marked = empty.withColumn(FAULTS, suite.row_faults())
        # Nothing runs here: a plan that can't be resolved raises as it is made.
        assert marked.agg(*suite.observations()).columns[:2] == ["rows", "rows_kept"]
        references = {t: spark.createDataFrame([], schemas[t].spark) for t in suite.references}
        views = measures._Views(empty, references, {})
        counted: list[DataFrame] = [measures._count(r, views) for r in suite.rules if r.kind == "shuffle"]
        views.drop()
        assert all(c.columns == ["rule", "failures"] for c in counted)


def test_berkas_balances_reconcile_within_a_crown_and_a_half(spark: SparkSession) -> None:
    suite = load_suite("gold.account_balance", BANKS / "berka" / "expectations")
    assert suite is not None
    schema = registry().schemas["gold.account_balance"].spark
    names = (
        "account_id string, kind string, balance int, currency string, rule string, difference decimal(18,2)"
    )
    rows = [
        ("b|1", "closing", 100, "CZK", "summed", "0.00"),
        ("b|2", "closing", 100, "CZK", "summed", "-1.50"),
        ("b|3", "closing", 100, "CZK", "summed", "1.51"),
        ("b|4", "closing", 100, "CZK", "stated", None),
    ]
    frame = spark.createDataFrame(rows, names.replace("decimal(18,2)", "string"))
    cells = [
        f"cast({f.name if f.name in frame.columns else 'null'} AS {f.dataType.simpleString()}) AS {f.name}"
        for f in schema.fields
    ]
    marked = frame.selectExpr(*cells).withColumn(FAULTS, suite.row_faults())
    metrics = marked.agg(*suite.observations()).collect()[0].asDict()
    metrics |= suite.tally(marked, metrics)
    verdict = suite.judge({**metrics, **suite.measure(marked, proven=("account_id", "kind"))})
    said = {r.rule: (r.rows, r.failures, r.outcome) for r in verdict.results}
    assert said["closing_balance_reconciles"] == (4, 1, "warn")
    assert said["closing_balance_exact"] == (4, 2, "warn")
    assert said["account_id_unheard_of"][2] == "skipped"
    assert verdict.outcome == "warn"
