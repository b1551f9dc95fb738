"""What the champions say of a date: features in, scores and reasons out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from models.churn import score as churn_score
from models.clv import score as clv_score
from models.core.encoding import matrix
from models.cross_sell import score as cross_sell_score
from tests.spec.models.book import AS_OF
from tests.spec.models.conftest import Trained


def test_churn_scores_equal_native_prediction_and_explain_those_at_risk(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    model = trained.champion("churn")
    scored = churn_score.build(
        feature_table,
        trained.frames["gold.customer_holding"],
        trained.frames["gold.account_daily"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=model,
    )["models.churn_score"]
    assert scored.columns == churn_score.SCHEMA.names
    rows = scored.orderBy("customer_id").toArrow().to_pandas()
    assert len(rows) > 500
    wide = (
        feature_table.select("customer_id", F.inline("features"))
        .groupBy("customer_id")
        .pivot("name")
        .sum("value")
    )
    known = wide.toArrow().to_pandas().set_index("customer_id").loc[rows["customer_id"]]
    x = matrix(pa.Table.from_pandas(known[list(model.features)], preserve_index=False), model.features)
    np.testing.assert_array_equal(rows["score"], model.scorer.raw(x))
    np.testing.assert_array_equal(rows["probability"], model.calibration.apply(rows["score"].to_numpy()))
    top = rows["percentile"] >= 0.9
    assert top.any()
    assert all(len(r) > 0 for r in rows.loc[top, "reasons"])
    assert all(len(r) == 0 for r in rows.loc[~top, "reasons"])
    assert set(rows.loc[top, "tier"]) == {"high"}
    assert set(rows["model_version"]) == {1}


def test_values_and_offers_are_scored_for_whom_they_concern(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    frames = trained.frames
    valued = clv_score.build(
        features=feature_table,
        customer_holding=frames["gold.customer_holding"],
        account_daily=frames["gold.account_daily"],
        balance=frames["silver.balance"],
        card_statement=frames["silver.card_statement"],
        loan=frames["silver.loan"],
        product=frames["silver.product"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=trained.champion("clv"),
    )
    assert valued.columns == clv_score.SCHEMA.names
    assert valued.where("expected_value > 0 and size(reasons) > 0").count() > 500
    offered = cross_sell_score.build(
        feature_table,
        frames["gold.customer_holding"],
        frames["silver.product"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=trained.champion("cross_sell"),
    )
    assert offered.columns == cross_sell_score.SCHEMA.names
    held = frames["gold.customer_holding"].where("closed_on is null").select("customer_id", "product_id")
    assert offered.join(held, on=["customer_id", "product_id"], how="left_semi").count() == 0
    ranks = offered.groupBy("customer_id").agg(F.min("rank").alias("first"), F.max("rank") == F.count("*"))
    assert [r["first"] for r in ranks.select("first").distinct().collect()] == [1]


def test_without_a_champion_the_tables_are_empty_but_right(spark: SparkSession, trained: Trained) -> None:
    nothing = churn_score.build(
        trained.frames["gold.customer_holding"],
        trained.frames["gold.customer_holding"],
        trained.frames["gold.account_daily"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=None,
    )
    for table, output in churn_score.JOB.outputs.items():
        assert nothing[table].columns == output.schema.names
        assert nothing[table].count() == 0
