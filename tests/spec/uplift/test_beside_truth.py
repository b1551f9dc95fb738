"""A book with campaigns and its truth go in; how well effects find whom contact truly moves comes out, beside the oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from bench import uplift
from bench.model_lake import _moved
from bench.uplift import ORACLE, OURS, Beside
from models.uplift.learning import RESPONSE, RULE
from tests.spec.uplift.book import AS_OF, CUSTOMERS, STARTS, bank_of, frame_of, make_book

MOVED = 0.35


@pytest.fixture(scope="module")
def found(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Beside:
    book, truth = make_book(spark, moved=MOVED), tmp_path_factory.mktemp("truth")
    logs_in = {r[0] for r in book["gold.interaction_daily"].select("party_id").distinct().collect()}
    write_truth(truth, np.array([MOVED * (f"core|{key}" in logs_in) for key in keys()]))
    bank = bank_of(tmp_path_factory.mktemp("conf"))
    [one] = uplift.measured(lambda table: frame_of(spark, book, table), bank, AS_OF, truth, draws=40)
    return one


def keys() -> list[str]:
    return [f"C{i:05d}" for i in range(CUSTOMERS)]


def write_truth(folder: Path, effect: np.ndarray) -> None:
    people = [f"P{key}" for key in keys()]
    records = {"system": "core", "table": "customers", "key": keys(), "person_id": people}
    pd.DataFrame(records).to_parquet(folder / "record_person.parquet")
    told = [pd.DataFrame({"campaign_id": f"m{n}", "person_id": people, "effect": effect}) for n in range(len(STARTS))]  # fmt: skip
    pd.concat(told).to_parquet(folder / "treatment_effect.parquet")


def test_whom_contact_moves_is_found_nearly_as_well_as_the_truth_knows_it(found: Beside) -> None:
    assert (found.goal, found.refused, found.rows) == ("message", None, 2 * CUSTOMERS)
    assert found.true.mean() == pytest.approx(MOVED * 0.4, abs=0.03)
    assert found.by_rank[OURS].low > 0.6
    assert found.by_rank[RULE].high < 0.1
    orders = {order.name: order for order in found.report.orders}
    ours, best = orders[OURS], orders[ORACLE]
    assert ours.qini.value > 0.7 * best.qini.value
    assert ours.qini.low > orders[RULE].qini.high
    assert best.lead is not None
    assert best.lead.low <= ours.area.value - best.area.value <= best.lead.high


def test_each_figure_is_a_line_of_the_table_with_the_truths_own_as_reference(found: Beside) -> None:
    lines = {(line.set, line.figure): line for line in _moved(found)}
    orders = {order.name: order for order in found.report.orders}
    qini = lines["uplift message", "qini"]
    assert (qini.ours, qini.low, qini.high) == tuple(getattr(orders[OURS].qini, n) for n in ("value", "low", "high"))  # fmt: skip
    assert (qini.baseline, qini.reference) == (orders[RESPONSE].qini.value, orders[ORACLE].qini.value)
    truth = lines["uplift message, the truth's order", "qini"]
    assert (truth.ours, truth.low) == (orders[ORACLE].qini.value, orders[ORACLE].qini.low)
    assert lines["uplift message", "by rank with the true effect"].ours == found.by_rank[OURS].value
