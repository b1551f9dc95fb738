from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from models.core.backtest import Origin, backtest
from tests.spec.models.book import AS_OF
from tests.spec.models.conftest import MODELS, Trained, bank_of, reader


@pytest.fixture(scope="module")
def origins(spark: SparkSession, trained: Trained) -> list[Origin]:
    return list(backtest(reader(spark, trained.frames), trained.bank, AS_OF, ["churn"]))


def test_each_date_that_a_window_ended_before_judges_once_the_oldest_first(origins: list[Origin]) -> None:
    assert [(o.model, o.metric) for o in origins] == [("churn", "auc")] * len(origins)
    assert [o.origin for o in origins] == sorted({o.origin for o in origins})
    assert origins[-1].origin == date(2024, 6, 30)
    assert len(origins) > 1


def test_the_last_origin_is_what_training_is_judged_by(origins: list[Origin], trained: Trained) -> None:
    last, verdict = origins[-1], trained.verdicts["churn"]
    assert (last.value, last.baseline, last.cases) == (verdict.value, verdict.baseline, verdict.cases)
    assert last.passed == verdict.promoted


def test_an_interval_where_the_gate_resamples(spark: SparkSession, trained: Trained, tmp_path: Path) -> None:
    bank = bank_of(tmp_path, MODELS.replace("draws: 0", "draws: 50"))
    read = reader(spark, trained.frames)
    (sure,) = backtest(read, bank, AS_OF, ["churn"], origins=1)
    (unsure,) = backtest(read, trained.bank, AS_OF, ["churn"], origins=1)
    assert (unsure.low, unsure.high) == (None, None)
    assert sure.low is not None
    assert sure.value is not None
    assert sure.high is not None
    assert sure.low < sure.value < sure.high


def test_an_origin_knows_nothing_of_what_came_after_its_window(
    spark: SparkSession, origins: list[Origin], trained: Trained
) -> None:
    """Run two months earlier, when less was known, each origin that there was gives the same figures."""
    earlier = backtest(reader(spark, trained.frames), trained.bank, date(2024, 10, 31), ["churn"])
    known = {o.origin: o for o in origins}
    assert (found := [o for o in earlier if o.origin in known])
    assert found == [known[o.origin] for o in found]


def test_only_so_many_of_the_last_origins(
    spark: SparkSession, origins: list[Origin], trained: Trained
) -> None:
    found = list(backtest(reader(spark, trained.frames), trained.bank, AS_OF, ["churn"], origins=1))
    assert found == origins[-1:]


def test_a_history_too_short_has_no_origin(spark: SparkSession, trained: Trained) -> None:
    assert list(backtest(reader(spark, trained.frames), trained.bank, date(2023, 11, 30), ["churn"])) == []
