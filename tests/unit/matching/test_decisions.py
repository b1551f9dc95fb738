from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from models.matching.decisions import (
    CANNOT,
    DONE,
    HELD,
    IN_FORCE,
    MUST,
    REPLACED,
    WITHDRAW,
    WITHDRAWN,
    Decision,
    Groups,
    judged,
)


def said(name: str, pair: str, decision: str, batch: int = 1, author: str = "li", hour: int = 9) -> Decision:
    low, high = sorted(pair)
    return Decision(name, low, high, decision, author, datetime(2025, 9, batch, hour, tzinfo=UTC), batch)


def test_decisions_that_agree_are_in_force() -> None:
    statuses, opposed = judged([said("1", "ab", MUST), said("2", "bc", MUST), said("3", "cd", CANNOT)])
    assert statuses == dict.fromkeys("123", IN_FORCE)
    assert opposed == []


def test_a_contradiction_within_one_import_leaves_the_group_as_it_was_and_names_the_path() -> None:
    words = [said("1", "ab", MUST), said("2", "bc", MUST, author="wu"), said("3", "ac", CANNOT, author="he")]
    statuses, (found,) = judged([*words, said("4", "de", MUST)])
    assert statuses == {"1": HELD, "2": HELD, "3": HELD, "4": IN_FORCE}
    assert (found.against.author, [d.author for d in found.path]) == ("he", ["li", "wu"])
    assert found.held == ("1", "2", "3")


def test_what_was_in_force_stays_and_what_would_contradict_it_is_held_back() -> None:
    statuses, (found,) = judged(
        [said("1", "ab", MUST, 1), said("2", "bc", MUST, 2), said("3", "ac", CANNOT, 3, "he")]
    )
    assert statuses == {"1": IN_FORCE, "2": IN_FORCE, "3": HELD}
    assert found.held == ("3",)
    statuses, _ = judged([said("1", "ac", CANNOT, 1), said("2", "ab", MUST, 2), said("3", "bc", MUST, 2)])
    assert statuses == {"1": IN_FORCE, "2": HELD, "3": HELD}


def test_a_withdrawal_lets_what_was_held_back_come_into_force() -> None:
    words = [said("1", "ab", MUST, 1), said("2", "ab", CANNOT, 2, "he"), said("3", "ab", WITHDRAW, 3, "wu")]
    statuses, _ = judged(words)
    assert statuses == {"1": WITHDRAWN, "2": WITHDRAWN, "3": DONE}
    chain = [said("1", "ab", MUST, 1), said("2", "bc", MUST, 1), said("3", "ac", CANNOT, 2)]
    statuses, opposed = judged([*chain, said("4", "bc", WITHDRAW, 3)])
    assert statuses == {"1": IN_FORCE, "2": WITHDRAWN, "3": IN_FORCE, "4": DONE}
    assert opposed == []


def test_an_authors_later_word_replaces_the_earlier_and_another_authors_does_not() -> None:
    statuses, _ = judged([said("1", "ab", MUST, 1), said("2", "ab", CANNOT, 2)])
    assert statuses == {"1": REPLACED, "2": IN_FORCE}
    statuses, (found,) = judged([said("1", "ab", MUST, 1), said("2", "ab", CANNOT, 2, "he")])
    assert statuses == {"1": IN_FORCE, "2": HELD}
    assert [d.decision_id for d in found.path] == ["1"]


def test_a_cannot_link_out_of_a_contradictory_group_is_obeyed() -> None:
    broken = [said("1", "ab", MUST), said("2", "ab", CANNOT, author="he")]
    statuses, _ = judged([*broken, said("3", "bx", CANNOT)])
    assert statuses == {"1": HELD, "2": HELD, "3": IN_FORCE}


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["ab", "bc", "cd", "ad", "ac", "bd"]),
        st.sampled_from([MUST, MUST, CANNOT, WITHDRAW]),
        st.sampled_from(["li", "he"]),
        st.integers(0, 23),
    ),
    max_size=14,
)


def log_of(words: list[tuple[str, str, str, int]], per_batch: int) -> list[Decision]:
    return [
        said(str(i), pair, decision, 1 + i // per_batch, author, hour)
        for i, (pair, decision, author, hour) in enumerate(words)
    ]


@given(WORDS, st.integers(1, 4))
def test_what_is_in_force_never_contradicts_itself(
    words: list[tuple[str, str, str, int]], per_batch: int
) -> None:
    log = log_of(words, per_batch)
    statuses, opposed = judged(log)
    assert statuses.keys() == {d.decision_id for d in log}
    obeyed = [d for d in log if statuses[d.decision_id] == IN_FORCE]
    groups = Groups(d.pair for d in obeyed if d.decision == MUST)
    assert all(groups.of(d.record_l) != groups.of(d.record_r) for d in obeyed if d.decision == CANNOT)
    held = {name for name, status in statuses.items() if status == HELD}
    assert {name for c in opposed for name in c.held} == held
    for found in opposed:
        reached = {found.against.record_l}
        for step in found.path:
            assert reached & set(step.pair)
            reached |= set(step.pair)
        assert found.against.record_r in reached


@given(WORDS, st.integers(1, 4), st.randoms())
def test_the_order_of_rows_and_a_day_without_news_change_nothing(
    words: list[tuple[str, str, str, int]], per_batch: int, rng: object
) -> None:
    log = log_of(words, per_batch)
    shuffled = log.copy()
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judged(shuffled) == judged(log)
    apart = said("x", "yz", MUST, 29)
    assert {k: v for k, v in judged([*log, apart])[0].items() if k != "x"} == judged(log)[0]


@given(WORDS, WORDS)
def test_a_later_import_takes_nothing_out_of_force_but_by_withdrawing_or_replacing(
    before: list[tuple[str, str, str, int]], after: list[tuple[str, str, str, int]]
) -> None:
    first = log_of(before, 3)
    later = [
        replace(
            word, decision_id=f"n{word.decision_id}", decided_at=datetime(2025, 12, 1, tzinfo=UTC), batch=50
        )
        for word in log_of(after, 99)
    ]
    was, now = judged(first)[0], judged([*first, *later])[0]
    lost = {name for name, status in was.items() if status == IN_FORCE and now[name] != IN_FORCE}
    assert all(now[name] in (WITHDRAWN, REPLACED) for name in lost)
