"""Sources' features brought together: what each says of a customer and date, and nothing of anybody else."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from conf.features import FeatureSource, FeatureSpec
from jobs.core.aggregates import aggregated
from jobs.core.gathering import gathered
from jobs.core.known import Known

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 31)
ROW = "customer_id string, as_of date"


def asked(spark: SparkSession, *rows: tuple[str, date]) -> DataFrame:
    return spark.createDataFrame(list(rows), ROW)


def test_each_source_says_its_own_of_a_customer_and_date(spark: SparkSession) -> None:
    money = [("Ann", JUNE, 1.0, None), ("Ann", JULY, 2.0, 5.0), ("Cid", JUNE, 9.0, 9.0)]
    logins = [("Bob", JUNE, 7.0)]
    drawn = [
        spark.createDataFrame(money, f"{ROW}, spent double, owed double"),
        spark.createDataFrame(logins, f"{ROW}, logins double"),
    ]
    found = gathered(asked(spark, ("Ann", JUNE), ("Ann", JULY), ("Bob", JUNE), ("Dan", JUNE)), drawn)
    assert found.columns == ["customer_id", "as_of", "spent", "owed", "logins"]
    assert sorted(map(tuple, found.collect())) == [
        ("Ann", JUNE, 1.0, None, None),
        ("Ann", JULY, 2.0, 5.0, None),
        ("Bob", JUNE, None, None, 7.0),
        ("Dan", JUNE, None, None, None),  # nobody says anything; Cid wasn't asked for
    ]


def test_without_any_source_there_are_the_rows_alone(spark: SparkSession) -> None:
    assert list(map(tuple, gathered(asked(spark, ("Ann", JUNE)), []).collect())) == [("Ann", JUNE)]


def test_two_sources_of_one_state_read_it_once(spark: SparkSession) -> None:
    told = [("a", JUNE, 1, "b1"), ("a", JULY, 2, "b2"), ("b", JUNE, 3, "b1")]
    table = spark.createDataFrame(told, "account_id string, on date, balance int, batch_id string")
    table = table.withColumn("known_from", table.on)
    mine = FeatureSource(
        table="silver.balance", entity="account", shape="versions", on="on", key=("account_id",)
    )
    theirs = mine.model_copy(update={"roles": ("owner",), "through": ("spouse",)})
    before = mine.model_copy(update={"lag_days": 10})
    known = Known({"silver.balance": table}, [JUNE, JULY], [mine, theirs, before])
    states = [known.rows(source, {}) for source in (mine, theirs, before)]
    assert states[0] is states[1]
    assert states[0] is not states[2]
    last = [sorted((r.account_id, r.as_of, r.balance) for r in state.collect()) for state in states]
    assert last[0] == [("a", JUNE, 1), ("a", JULY, 2), ("b", JUNE, 3), ("b", JULY, 3)]
    assert last[2] == [("a", JULY, 1), ("b", JULY, 3)]  # as they stood ten days before


def test_what_may_have_many_decimals_is_rounded_and_nothing_else_changes(spark: SparkSession) -> None:
    source = FeatureSource(table="silver.order", entity="party", on="on")
    amounts = [
        ("Ann", "1.10", "0.12345678", 1 / 3),
        ("Ann", "1.10", "0.00000001", 1 / 3),
        ("Ann", None, None, None),
    ]
    rows = spark.createDataFrame(
        [(c, JUNE, JUNE, JUNE, a, b, x) for c, a, b, x in amounts],
        f"{ROW}, on date, known_from date, a string, b string, third double",
    ).selectExpr("* except (a, b)", "cast(a as decimal(18,2)) money", "cast(b as decimal(18,8)) fine")
    of = {"money": "money", "fine": "fine", "third": "third", "whole": "1"}
    wanted = {
        f"{aggregate}_{name}": FeatureSpec(source="s", aggregate=aggregate, of=of[name], meaning="m")
        for name in of
        for aggregate in ("sum", "max", "mean", "latest", "distinct")
    }
    found = aggregated(rows, source, wanted).collect()[0].asDict()
    assert [found[f"sum_{n}"] for n in of] == [2.2, 0.123457, 0.666666, 3.0]
    assert [found[f"max_{n}"] for n in of] == [1.1, 0.123457, 0.333333, 1.0]
    assert [found[f"mean_{n}"] for n in of] == [1.1, 0.061728, 0.333333, 1.0]
    assert [found[f"distinct_{n}"] for n in of] == [1.0, 2.0, 1.0, 1.0]
    assert found["latest_money"] == 1.1
    assert found["latest_whole"] == 1.0
