from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import open_bank
from conf.matching import EntityMatching, MatchingConf
from models.matching import on_duckdb
from models.matching.components import components
from models.matching.model import MatchModel
from models.matching.records import RECORD_TYPE, keyed
from models.matching.scoring import score
from models.matching.training import train


@pytest.fixture(scope="module")
def rules() -> EntityMatching:
    return open_bank("demo").section("matching", MatchingConf).person


@pytest.fixture(scope="module")
def people(spark: SparkSession, rules: EntityMatching) -> DataFrame:
    """Sixty people twice: the second record has no number, and every fifth another birth date."""
    rows: list[tuple[Any, ...]] = []
    for i in range(60):
        born = date(1960, 1, 1) + timedelta(days=97 * i)
        name, phone = f"n{i % 20}", [f"86138{i:08d}"]
        alike = (name, f"s{i % 15}", f"f{i % 7}")
        place = (None, None, f"c{i % 3}", f"road{i}", None)
        rows.append((f"a|{i}", "a", *alike, born, "MF"[i % 2], None, None, None, phone, *place))
        wrong = born + timedelta(days=400) if i % 5 == 0 else born
        known = phone if i % 2 else None
        rows.append((f"b|{i}", "b", *alike, wrong, "MF"[i % 2], None, None, None, known, *place))
    frame = spark.createDataFrame(rows, RECORD_TYPE).selectExpr("*", "'person' AS kind")
    return keyed(frame, {"person": rules}, []).localCheckpoint()


def scored(frame: DataFrame) -> list[Any]:
    return sorted(tuple(row) for row in frame.collect())


def test_both_engines_give_the_same_pairs_from_one_model(people: DataFrame, rules: EntityMatching) -> None:
    model = MatchModel(rules)
    on_duckdb = scored(score(people, model, engine="duckdb"))
    assert len(on_duckdb) >= 40
    assert scored(score(people, model, engine="spark")) == on_duckdb


def test_pairs_scored_in_parts_are_those_scored_at_once(
    people: DataFrame, rules: EntityMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = scored(score(people, MatchModel(rules)))
    monkeypatch.setattr(on_duckdb, "AT_ONCE", 9)
    assert scored(score(people, MatchModel(rules))) == at_once


def test_records_of_a_source_of_distinct_people_are_never_compared(
    people: DataFrame, rules: EntityMatching
) -> None:
    alone = score(people.where("source = 'a'"), MatchModel(rules), unique_sources=("a",))
    assert alone.count() == 0


def test_training_is_repeatable_and_its_model_survives_as_text(
    people: DataFrame, rules: EntityMatching
) -> None:
    model = train(people, rules)
    assert train(people.orderBy("birth_date"), rules) == model
    assert MatchModel.from_json(model.to_json()) == model
    first = model.rules.comparisons["phone"].levels[0]
    assert first.m > first.u
    assert model != MatchModel(rules)
    assert set(model.term_frequencies) == {"name", "sound"}
    assert score(people, model).count() > 0


def test_a_key_shared_by_too_many_is_skipped_and_said(
    people: DataFrame, rules: EntityMatching, caplog: pytest.LogCaptureFixture
) -> None:
    tight = rules.model_copy(update={"block_limit": 2, "blocking": {"city": "city"}})
    crowded = keyed(people.drop("keys", "slots", "soft_slots"), {"person": tight}, [])
    assert score(crowded, MatchModel(tight)).count() == 0
    assert "3 blocking keys are shared by more than 2 records" in caplog.text


def test_components_follow_chains_of_any_length(spark: SparkSession) -> None:
    chain = [(f"r{i:03d}", f"r{i + 1:03d}") for i in range(30) if i != 14]
    found = {
        r["record_id"]: r["component"]
        for r in components(spark.createDataFrame(chain, "a string, b string")).collect()
    }
    assert {r for r, c in found.items() if c == "r000"} == {f"r{i:03d}" for i in range(1, 15)}
    assert {r for r, c in found.items() if c == "r015"} == {f"r{i:03d}" for i in range(16, 31)}
