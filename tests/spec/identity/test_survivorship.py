"""Which of a customer's stated values survives: statements and rules in, winners out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from conf.survivorship import SurvivorshipConf
from jobs.identity.survivorship import survivors

STATED = (
    "customer_id string, kind string, party_id string, source string, attribute string, value string, form string, "
    "parts int, verified int, valid_from date"
)
OLD, MIDDLE, NEW = date(2018, 1, 1), date(2021, 1, 1), date(2025, 1, 1)
Row = tuple[Any, ...]


def said(
    source: str, value: str, day: date | None, *, attribute: str = "mobile", kind: str = "person", customer: str = "C1",
    form: str | None = None, number: int = 1,
) -> Row:  # fmt: skip
    return (customer, kind, f"{source}|{number}", source, attribute, value, form or value, 1, 0, day)


def rules(**attributes: Any) -> SurvivorshipConf:
    return SurvivorshipConf.model_validate({"trust": {"core": 90, "crm": 30}, "attributes": attributes})


@pytest.fixture
def won(spark: SparkSession) -> Any:
    def choose(conf: SurvivorshipConf, *rows: Row) -> list[Row]:
        """(customer, value, rule, sources agreeing) by customer."""
        found = survivors(spark.createDataFrame(list(rows), STATED), conf).collect()
        return sorted((r["customer_id"], r["value"], r["rule"], r["sources_agreeing"]) for r in found)

    return choose


def test_many_old_statements_lose_to_a_new_one_and_a_lone_slip_to_many(won: Any) -> None:
    conf = rules(mobile={"rules": ["vote", "recency"], "half_life_days": 730})
    moved = [said("core", "old", OLD), said("credit", "old", OLD), said("crm", "new", NEW)]
    slip = [said("core", "x", MIDDLE, customer="C2"), said("cards", "x", date(2024, 6, 1), customer="C2"),
            said("crm", "slip", NEW, customer="C2")]  # fmt: skip
    assert won(conf, *moved, *slip) == [("C1", "new", "vote", 1), ("C2", "x", "vote", 2)]


def test_without_a_half_life_every_record_votes_alike(won: Any) -> None:
    conf = rules(mobile={"rules": ["vote"]})
    rows = [said("core", "old", OLD), said("credit", "old", OLD), said("crm", "new", NEW)]
    assert won(conf, *rows) == [("C1", "old", "vote", 2)]


def test_a_reliable_source_outvotes_two_that_guess(won: Any) -> None:
    rows = [said("core", "a", OLD), said("crm", "b", OLD), said("web", "b", OLD)]
    alike = rules(mobile={"rules": ["vote"]})
    weighed = rules(mobile={"rules": ["vote"], "reliability": {"core": 0.99, "crm": 0.3, "web": 0.3}})
    assert won(alike, *rows) == [("C1", "b", "vote", 2)]
    assert won(weighed, *rows) == [("C1", "a", "vote", 1)]


def test_a_source_without_a_figure_weighs_as_the_least_reliable(won: Any) -> None:
    conf = rules(mobile={"rules": ["vote", "trust"], "reliability": {"core": 0.9, "crm": 0.4}})
    rows = [said("web", "a", OLD), said("crm", "b", OLD), said("web", "a", OLD, customer="C2"), said("core", "b", OLD, customer="C2")]  # fmt: skip
    assert won(conf, *rows) == [("C1", "b", "trust", 1), ("C2", "b", "vote", 1)]


def test_a_source_that_holds_somebody_thrice_says_so_once(won: Any) -> None:
    conf = rules(mobile={"rules": ["vote"]})
    often = [said("crm", "slip", OLD, number=n) for n in range(3)]
    assert won(conf, *often, said("core", "a", OLD), said("web", "a", OLD)) == [("C1", "a", "vote", 2)]


def test_one_value_written_in_two_ways_is_one(won: Any) -> None:
    conf = rules(address={"rules": ["vote", "completeness"]})
    rows = [
        said("core", "建国路12号3栋502室", OLD, attribute="address", form="建国路12-3-502"),
        said("crm", "建国路12-3-502", OLD, attribute="address", form="建国路12-3-502"),
        said("web", "南京路2号", NEW, attribute="address", form="南京路2"),
    ]
    assert won(conf, *rows) == [("C1", "建国路12号3栋502室", "vote", 2)]


def test_a_case_decides_for_those_it_holds_for(won: Any) -> None:
    conf = rules(
        mobile={
            "rules": ["recency"],
            "cases": [
                {"when": "kind = 'organisation'", "rules": ["trust"]},
                {"when": "array_contains(Stated_By, 'wealth')", "rules": ["preferred", "recency"], "preferred": "source = 'wealth'"},
            ],
        }
    )  # fmt: skip
    rows = [
        said("core", "a", OLD, kind="organisation", customer="C1"), said("crm", "b", NEW, kind="organisation", customer="C1"),
        said("core", "a", OLD, customer="C2"), said("crm", "b", NEW, customer="C2"),
        said("wealth", "a", OLD, customer="C3"), said("crm", "b", NEW, customer="C3"),
    ]  # fmt: skip
    assert won(conf, *rows) == [
        ("C1", "a", "trust", 1), ("C2", "b", "recency", 1), ("C3", "a", "preferred", 1),
    ]  # fmt: skip


def test_a_case_keeps_what_it_does_not_name(won: Any) -> None:
    conf = rules(
        mobile={
            "rules": ["recency"], "valid": "length(value) > 1",
            "cases": [{"when": "kind = 'organisation'", "rules": ["trust"]}, {"when": "kind = 'person'", "valid": "true"}],
        }
    )  # fmt: skip
    rows = [said("core", "a", OLD, kind="organisation"), said("crm", "bb", NEW, kind="organisation"),
            said("crm", "c", NEW, customer="C2")]  # fmt: skip
    assert won(conf, *rows) == [("C1", "bb", "only", 1), ("C2", "c", "only", 1)]


def test_an_email_with_an_ending_that_does_not_exist_never_wins(won: Any, bank: Any) -> None:
    conf = bank.section("survivorship", SurvivorshipConf)
    rows = [said("core", "li@qq.com", OLD, attribute="email"), said("crm", "li@qq.con", NEW, attribute="email"),
            said("crm", "wu@qq.con", NEW, attribute="email", customer="C2")]  # fmt: skip
    assert won(conf, *rows) == [("C1", "li@qq.com", "only", 1)]


DAYS = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2026, 1, 1)))
STATEMENTS = st.lists(
    st.tuples(st.sampled_from(["core", "crm", "web"]), st.sampled_from("abc"), DAYS), min_size=1, max_size=6
)


@given(statements=STATEMENTS, later=st.integers(1, 4000), order=st.randoms(use_true_random=False))
def test_who_wins_depends_neither_on_the_day_nor_on_the_order(
    spark: SparkSession, statements: list[Row], later: int, order: Any
) -> None:
    """Votes fade together: all statements a while later, or read in another order, give the same winner."""
    conf = rules(
        mobile={"rules": ["vote", "trust"], "half_life_days": 500, "reliability": {"core": 0.9, "web": 0.6}}
    )

    def winner(rows: list[Row]) -> Row:
        (row,) = survivors(spark.createDataFrame(rows, STATED), conf).collect()
        return row["party_id"], row["value"], row["rule"], row["runner_up_value"]

    rows = [said(s, v, day, number=i) for i, (s, v, day) in enumerate(statements)]
    moved = [(*row[:-1], row[-1] and row[-1] + timedelta(later)) for row in rows]
    order.shuffle(moved)
    assert winner(moved) == winner(rows)
