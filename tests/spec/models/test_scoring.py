"""Rows go in with their features as columns, as vectors or as places in files; the same scores and reasons come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.features import FeaturesConf
from conf.models import ScoreSpec
from jobs.core.features import packed, widened
from jobs.core.vectors import PLACE, VECTOR, stored, with_vectors
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.encoding import MissingFeaturesError
from models.core.explanations import Reason, reasons, spread
from models.core.scoring import percentiles, score

NAMES = ("age", "balance", "spare", "visits")
FEATURES = ("visits", "kind", "age", "balance", "price")
KINDS = ("card", "loan")
CONF = FeaturesConf.model_validate(
    {
        "sources": {"party": {"table": "silver.party", "entity": "party"}},
        "features": {n: {"source": "party", "aggregate": "count", "meaning": "m"} for n in NAMES},
    }
)
SPEC = ScoreSpec(reasons=2, reasons_from_percentile=0.8)
OFFERS = [("card", 0.5), ("loan", None), ("fund", 2.0)]


@pytest.fixture(scope="module")
def champion() -> Champion:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(800, len(FEATURES)))
    x[:, 1] = rng.integers(0, 2, len(x))
    y = (x[:, 0] + x[:, 1] * x[:, 3] + rng.normal(size=len(x)) > 0).astype(float)
    how = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1}
    booster = lgb.train(how, lgb.Dataset(x, y, categorical_feature=[1]), 20)
    raw = np.asarray(booster.predict(x))
    return Champion(
        name="m",
        version=3,
        as_of="2025-01-31",
        horizon_months=6,
        booster=booster.model_to_string(),
        features=FEATURES,
        categories={"kind": KINDS},
        calibration=Calibration((0.1, 0.9), (0.2, 0.7)),
        quantiles=tuple(map(float, np.quantile(raw, np.linspace(0, 1, 101)))),
        metrics={},
    )


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    """gold.feature of a hundred customers, some values missing."""
    x = np.random.default_rng(6).normal(size=(100, len(NAMES))).round(6)
    rows = [
        (f"c{i:03}", None, *(None if v > 1.5 else float(v) for v in values)) for i, values in enumerate(x)
    ]
    wide = spark.createDataFrame(
        rows, f"customer_id string, as_of date, {', '.join(f'{n} double' for n in NAMES)}"
    )
    return packed(wide, CONF).withColumn("definition", F.lit(CONF.definition)).persist()


def offers(rows: DataFrame) -> DataFrame:
    """Each customer's row once an offer, with the offer's own columns."""
    offered = rows.sparkSession.createDataFrame(OFFERS, "kind string, price double")
    return rows.crossJoin(offered)


def told(rows: DataFrame, champion: Champion) -> list[dict[str, Any]]:
    made = score(offers(rows), champion, ["customer_id", "kind"], SPEC)
    return [r.asDict(recursive=True) for r in made.orderBy("customer_id", "kind").collect()]


def test_the_same_scores_bit_by_bit_however_the_features_come(
    spark: SparkSession, table: DataFrame, champion: Champion, tmp_path: Path
) -> None:
    table.repartition(3).write.parquet(str(tmp_path / "t"))
    placed, carried = with_vectors(spark.read.parquet(str(tmp_path / "t")), CONF), with_vectors(table, CONF)
    assert (stored(placed).column, stored(carried).column) == (PLACE, VECTOR)
    as_columns = told(widened(table, NAMES, CONF), champion)
    assert len(as_columns) == 100 * len(OFFERS)
    assert told(carried, champion) == as_columns
    assert told(placed, champion) == as_columns


def test_scores_are_what_lightgbm_says_of_the_rows_and_reasons_are_for_the_top(
    table: DataFrame, champion: Champion
) -> None:
    rows = told(with_vectors(table, CONF), champion)
    wide = offers(widened(table, NAMES, CONF)).orderBy("customer_id", "kind").toArrow().to_pandas()
    wide["kind"] = [KINDS.index(k) if k in KINDS else np.nan for k in wide["kind"]]
    x = wide[list(FEATURES)].to_numpy(dtype=float)
    raw = np.asarray(lgb.Booster(model_str=champion.booster).predict(x))
    np.testing.assert_array_equal([r["score"] for r in rows], raw)
    np.testing.assert_array_equal([r["percentile"] for r in rows], percentiles(champion, raw))
    top = percentiles(champion, raw) >= SPEC.reasons_from_percentile
    assert 0 < top.sum() < len(rows)
    why = reasons(champion.scorer, x[top], FEATURES, champion.categories, SPEC.reasons)
    assert [r["reasons"] for r in rows if r["percentile"] >= SPEC.reasons_from_percentile] == why
    assert all(not r["reasons"] for r in rows if r["percentile"] < SPEC.reasons_from_percentile)


def test_a_feature_that_nobody_has_is_named(table: DataFrame, champion: Champion) -> None:
    with pytest.raises(MissingFeaturesError, match="features kind, price"):
        score(with_vectors(table, CONF), champion, ["customer_id"], SPEC)


@given(st.lists(st.one_of(st.none(), st.lists(st.floats(-1, 1), max_size=3)), max_size=12))
def test_reasons_stand_at_their_rows_and_nowhere_else(given: list[list[float] | None]) -> None:
    why = {
        i: [Reason(feature="f", value=None, contribution=c) for c in row]
        for i, row in enumerate(given)
        if row
    }
    places = np.array(sorted(why), dtype=np.intp)
    assert spread([why[i] for i in places], places, len(given)).to_pylist() == [
        why.get(i, []) for i in range(len(given))
    ]
