"""Only what would be scored trains and judges: the rest would teach a level that isn't theirs who are scored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession

from conf.models import ModelsSpec
from models.core.in_force import load
from models.core.known import trainable
from models.core.prepared import scored_ones
from models.core.registry import Registry
from models.core.splits import Split
from models.core.trainable import Labelled
from models.core.training import train_all
from tests.spec.models.book import AS_OF
from tests.spec.models.conftest import MODELS, Trained, bank_of, reader

BEFORE, AFTER = date(2024, 1, 31), date(2024, 7, 31)
ROWS = "customer_id string, as_of date, product_id string, min_age double, label double"


def test_rows_that_are_never_scored_are_left_out_and_counted_out(
    spark: SparkSession, trained: Trained
) -> None:
    rows = spark.createDataFrame(
        [
            ("old", BEFORE, "loan", 60.0, 0.0),
            ("old", AFTER, "loan", 60.0, 1.0),
            ("young", BEFORE, "loan", 60.0, 1.0),
            ("young", BEFORE, "card", 18.0, 1.0),
            ("unknown", BEFORE, "card", 18.0, 0.0),
            ("nobody", BEFORE, "card", 18.0, 1.0),
        ],
        ROWS,
    )
    book = spark.createDataFrame(
        [("old", BEFORE, 70.0), ("old", AFTER, 70.0), ("young", BEFORE, 20.0), ("unknown", BEFORE, None)],
        "customer_id string, as_of date, age double",
    )
    model = replace(trainable("cross_sell"), scored=lambda _: "age >= min_age")
    spec = trained.bank.section("models", ModelsSpec).cross_sell
    counted = scored_ones(model, spec, rows, book)
    left = counted.rows.toArrow().to_pandas().sort_values(["customer_id", "as_of", "product_id"])
    expected = pd.DataFrame(
        [
            ("old", BEFORE, "loan", 60.0, 0.0),
            ("old", AFTER, "loan", 60.0, 1.0),
            ("unknown", BEFORE, "card", 18.0, 0.0),
            ("young", BEFORE, "card", 18.0, 1.0),
        ],
        columns=left.columns,
    )
    pd.testing.assert_frame_equal(left.reset_index(drop=True), expected)
    assert counted.by_date == {BEFORE: (1, 3), AFTER: (1, 1)}


def test_what_is_counted_is_what_the_gate_asks_for(spark: SparkSession, trained: Trained) -> None:
    rows = spark.createDataFrame([("old", d, "loan", 60.0, 1.0) for d in (BEFORE, AFTER)] * 100, ROWS)
    book = spark.createDataFrame(
        [("old", d, 70.0) for d in (BEFORE, AFTER)], "customer_id string, as_of date, age double"
    )
    spec, split = (
        trained.bank.section("models", ModelsSpec).cross_sell,
        Split((BEFORE,), (AFTER,), purged=True),
    )
    all_of_them = replace(trainable("cross_sell"), scored=lambda _: "age >= min_age")
    none_of_them = replace(all_of_them, scored=lambda _: "age < min_age")
    found = scored_ones(all_of_them, spec, rows, book).split(split)
    assert isinstance(found, Labelled)
    assert (found.cases, found.later_cases, found.rows_train, found.rows_later) == (100, 100, 100, 100)
    assert scored_ones(none_of_them, spec, rows, book).split(split) == "too few cases: 0 of 50 needed"


def test_where_nobody_may_have_anything_training_is_refused(
    spark: SparkSession, trained: Trained, tmp_path: Path
) -> None:
    eligible = """eligible: "product_id != 'p|IN' or deposits > 3000\""""
    assert eligible in MODELS
    bank = bank_of(tmp_path / "conf", MODELS.replace(eligible, 'eligible: "false"'))
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    [verdict] = train_all(
        spark, reader(spark, trained.frames), bank, AS_OF, uri, f"file://{tmp_path}", names=["cross_sell"]
    )
    assert (verdict.cases, verdict.reason) == (0, "too few cases: 0 of 50 needed")
    assert load("cross_sell", Registry(uri, bank.name)) is None
