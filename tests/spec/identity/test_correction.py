"""What stewards say of golden values: words in, statuses out; words over what records state, golden values out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from conf.bank import Bank
from jobs.identity import correction

ALIKE = ("110105194912310021", "11010519491231002X")
"""A resident id with a wrong check digit, and the right one."""


def word(
    name: str, said: str, value: str | None, hour: int, *, attribute: str = "mobile", record: str = "core|1", status: str = "in_force",
) -> tuple[Any, ...]:  # fmt: skip
    """A row of identity.correction, said at an hour of one day; what is `in_force` was judged before."""
    moment = datetime(2025, 3, 1, hour)  # noqa: DTZ001 - Spark's session is in UTC
    return (name, record, attribute, said, value, "li", "called", moment, date(2025, 3, 1), 1, status)


@pytest.fixture
def statuses(spark: SparkSession, bank: Bank) -> Any:
    def judge(*words: tuple[Any, ...]) -> dict[str, str]:
        frame = spark.createDataFrame(list(words), correction.SCHEMA.spark)
        return {r["correction_id"]: r["status"] for r in correction.build(frame, bank).collect()}

    return judge


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([("a", "set", "13911112222", 1), ("b", "set", "13933334444", 2)], {"a": "replaced", "b": "in_force"}),
        ([("a", "set", "13911112222", 1), ("b", "reject", "139 1111 2222", 2)], {"a": "replaced", "b": "in_force"}),
        ([("a", "reject", "13911112222", 1), ("b", "set", "13911112222", 2)], {"a": "replaced", "b": "in_force"}),
        ([("a", "reject", "13911112222", 1), ("b", "set", "13933334444", 2)], {"a": "in_force", "b": "in_force"}),
        ([("a", "reject", "13911112222", 1), ("b", "reject", "13933334444", 2)], {"a": "in_force", "b": "in_force"}),
        ([("a", "set", "13911112222", 1), ("b", "withdraw", None, 2)], {"a": "withdrawn", "b": "done"}),
        ([("a", "set", "13911112222", 1), ("b", "withdraw", "13933334444", 2)], {"a": "in_force", "b": "done"}),
        ([("a", "withdraw", None, 1), ("b", "set", "13911112222", 2)], {"a": "done", "b": "in_force"}),
        (
            [("a", "set", "13911112222", 1), ("b", "set", "13933334444", 2), ("c", "withdraw", None, 3)],
            {"a": "replaced", "b": "withdrawn", "c": "done"},
        ),
        ([("a", "set", "13911112222", 1), ("b", "set", "13933334444", 1)], {"a": "replaced", "b": "in_force"}),
    ],
)  # fmt: skip
def test_the_last_word_counts(statuses: Any, words: list[Any], told: dict[str, str]) -> None:
    assert statuses(*(word(*w) for w in words)) == told


def test_words_of_other_records_and_attributes_dont_touch_each_other(statuses: Any) -> None:
    words = [word("a", "set", "13911112222", 1), word("b", "set", "13933334444", 2, record="crm|1"),
             word("c", "set", "x@y.cn", 3, attribute="email")]  # fmt: skip
    assert set(statuses(*words).values()) == {"in_force"}


def _reference(words: list[tuple[str, str | None]]) -> list[str]:
    """The statuses of words said one after the other of one attribute, gone through one at a time."""
    status: list[str] = []
    for said, value in words:
        for n, (earlier, was) in enumerate(words[: len(status)]):
            touched = (said == "withdraw" and value is None) or value == was or (said == earlier == "set")
            if status[n] == "in_force" and touched:
                status[n] = "withdrawn" if said == "withdraw" else "replaced"
        status.append("done" if said == "withdraw" else "in_force")
    return status


VALUES = ("13911112222", "13933334444", "13955556666")
LOGS = st.lists(
    st.tuples(st.sampled_from(["set", "reject", "withdraw"]), st.sampled_from([*VALUES, None])).filter(
        lambda w: w[0] == "withdraw" or w[1] is not None
    ),
    max_size=7,
)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LOGS, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_any_log_in_any_order_gives_what_going_through_it_gives(
    statuses: Any, logs: list[list[tuple[str, str | None]]], shuffled: Any
) -> None:
    words = [
        word(f"{i}-{n}", *w, n, record=f"core|{i}") for i, log in enumerate(logs) for n, w in enumerate(log)
    ]
    told = {f"{i}-{n}": s for i, log in enumerate(logs) for n, s in enumerate(_reference(log))}
    if words:
        shuffled.shuffle(words)
        assert statuses(*words) == told


def mobile(record: str, value: str) -> dict[str, Any]:
    return {"party_id": record, "kind": "mobile", "value": value}


def test_what_a_steward_sets_stands_above_what_all_records_state(golden: Any) -> None:
    tables = golden(
        {"core|1": "C1", "crm|1": "C1"}, [word("a", "set", "139 3333 4444", 1, record="crm|1")],
        contact_point=[mobile("core|1", "13911112222"), mobile("crm|1", "13911112222")],
    )  # fmt: skip
    assert [r["mobile"] for r in tables["golden_identity"]] == ["8613933334444"]
    (told,) = [r for r in tables["golden_lineage"] if r["attribute"] == "mobile"]
    assert (told["rule"], told["source"], told["party_id"]) == ("steward", "steward", "crm|1")
    assert (told["runner_up_party_id"], told["sources_agreeing"], told["sources_total"]) == ("core|1", 0, 2)


def test_what_a_steward_rejects_never_wins_however_it_is_written(golden: Any) -> None:
    records = {"core|1": "C1", "crm|1": "C1", "core|2": "C2"}
    tables = golden(
        records, [word("a", "reject", "139-1111-2222", 1)],
        contact_point=[mobile("core|1", "13911112222"), mobile("crm|1", "13933334444"), mobile("core|2", "13911112222")],
    )  # fmt: skip
    found = {r["customer_id"]: r["mobile"] for r in tables["golden_identity"]}
    assert found == {"C1": "8613933334444", "C2": "8613911112222"}, "it is rejected of one customer alone"


def test_a_value_that_no_record_states_is_there(golden: Any) -> None:
    words = [
        word("a", "set", '{"city": "上海", "street": "南京路2号"}', 1, attribute="address"),
        word("b", "set", "1980-05-01", 1, attribute="birth_date"),
        word("c", "set", f"cn.ric:{ALIKE[1]}", 1, attribute="national_id"),
        word("d", "set", "120000", 1, attribute="annual_income"),
        word("e", "set", "2001", 1, attribute="customer_since"),
    ]
    tables = golden({"core|1": "C1"}, words)
    (described,), (named,) = tables["golden_record"], tables["golden_identity"]
    assert (described["birth_date"], described["annual_income"]) == (date(1980, 5, 1), 120_000)
    assert described["customer_since"] is None, "a year is no day"
    assert (named["city"], named["street"], named["region"]) == ("上海", "南京路2号", None)
    assert (named["id_scheme"], named["national_id"]) == ("cn.ric", ALIKE[1])


def test_of_two_customers_made_one_the_later_word_counts(golden: Any) -> None:
    words = [word("a", "set", "13911112222", 2), word("b", "set", "13933334444", 1, record="core|2")]
    apart = golden({"core|1": "C1", "core|2": "C2"}, words)["golden_identity"]
    assert {r["customer_id"]: r["mobile"] for r in apart} == {"C1": "8613911112222", "C2": "8613933334444"}
    merged = golden({"core|1": "C1", "core|2": "C1"}, words)["golden_identity"]
    assert [r["mobile"] for r in merged] == ["8613911112222"]


def test_a_withdrawal_through_another_record_of_the_customer_counts(golden: Any) -> None:
    words = [
        word("a", "set", "13911112222", 1),
        word("b", "withdraw", None, 2, record="crm|1", status="done"),
    ]
    assert golden({"core|1": "C1", "crm|1": "C1"}, words)["golden_identity"] == []
    apart = golden({"core|1": "C1", "crm|1": "C2"}, words)["golden_identity"]
    assert [(r["customer_id"], r["mobile"]) for r in apart] == [("C1", "8613911112222")]


def test_what_isnt_valid_or_isnt_in_force_never_wins(golden: Any) -> None:
    stated = [{"party_id": "core|1", "kind": "person", "sex": "F"}]
    words = [
        word("a", "set", "X", 1, attribute="sex"),
        word("b", "set", "M", 1, attribute="sex", status="withdrawn"),
    ]
    (row,) = golden({"core|1": "C1"}, words, party=stated)["golden_record"]
    assert row["sex"] == "F"


def test_a_correction_outlives_its_record_but_makes_no_customer(golden: Any) -> None:
    words = [word("a", "set", "13911112222", 1), word("b", "set", "13933334444", 1, record="core|2")]
    tables = golden({"core|1": "C1", "crm|1": "C1", "core|2": "C2"}, words, gone=("core|1", "core|2"))
    assert {r["customer_id"]: r["mobile"] for r in tables["golden_identity"]} == {"C1": "8613911112222"}
    assert {r["customer_id"] for r in tables["golden_lineage"]} == {"C1"}
