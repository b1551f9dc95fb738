from __future__ import annotations

import random
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.matching.clusters import agglomerated

FIRM = 0.999


@st.composite
def books(draw: st.DrawFn) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Up to nine records with the day each was known and perhaps a checked number, and scored pairs among them."""
    count = draw(st.integers(2, 9))
    since = {f"r{i}": draw(st.integers(1, 4)) for i in range(count)}
    numbers = {r: draw(st.sampled_from([[], [], ["id=1"], ["id=2"], ["source:a=" + r]])) for r in since}
    soft = {r: draw(st.sampled_from([[], ["born=1"], ["born=2"]])) for r in since}
    pairs = draw(st.lists(st.sampled_from(list(combinations(sorted(since), 2))), unique=True, max_size=16))
    edges = [
        {
            "record_l": a, "record_r": b, "probability": draw(st.sampled_from([0.95, 0.96, 0.97, 0.9995])),
            "weight": 1.0, "certain": draw(st.sampled_from([None, None, "same number"])),
            "since_l": since[a], "since_r": since[b], "slots_l": numbers[a], "slots_r": numbers[b],
            "soft_slots_l": soft[a], "soft_slots_r": soft[b], "decision": None,
        }
        for a, b in pairs
    ]  # fmt: skip
    return since, edges


def on_day(day: int, since: dict[str, int], edges: list[dict[str, Any]]) -> dict[str, str]:
    """Record → record that names its customer, as known on a day."""
    known = [e for e in edges if e["since_l"] <= day and e["since_r"] <= day]
    joined = {m["record_id"]: m["first_record_id"] for m in agglomerated(known, FIRM)}
    return {r: joined.get(r, r) for r, first in since.items() if first <= day}


def members(of: dict[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record, customer in of.items():
        found.setdefault(customer, set()).add(record)
    return found


@given(books(), st.randoms())
def test_the_order_of_arrival_within_a_day_changes_nothing(
    book: tuple[dict[str, int], list[dict[str, Any]]], rng: random.Random
) -> None:
    since, edges = book
    shuffled = rng.sample(edges, len(edges))
    assert list(agglomerated(shuffled, FIRM)) == list(agglomerated(edges, FIRM))
    assert on_day(4, since, shuffled) == on_day(4, since, edges)


@given(books())
def test_two_values_of_a_slot_never_share_a_customer(
    book: tuple[dict[str, int], list[dict[str, Any]]],
) -> None:
    since, edges = book
    slots = {e[f"record_{s}"]: e[f"slots_{s}"] for e in edges for s in "lr"}
    for records in members(on_day(4, since, edges)).values():
        held: dict[str, set[str]] = {}
        for record in records:
            for slot in slots.get(record, []):
                name, value = slot.split("=")
                held.setdefault(name, set()).add(value)
        assert all(len(values) == 1 for values in held.values())


@given(books())
def test_a_customer_keeps_its_id_unless_it_merges_into_an_older_or_is_split(
    book: tuple[dict[str, int], list[dict[str, Any]]],
) -> None:
    since, edges = book
    for day in (1, 2, 3):
        before, after = on_day(day, since, edges), on_day(day + 1, since, edges)
        grown = members(after)
        for customer, records in members(before).items():
            now = after[customer]
            # Its oldest record still bears it, or sits with an older one: no addition renames a customer.
            assert now == customer or (since[now], now) < (since[customer], customer)
            if records <= grown[now] and all(since[r] == day + 1 for r in grown[now] - records):
                assert now == customer


@given(books())
def test_every_cluster_hangs_together_by_links(book: tuple[dict[str, int], list[dict[str, Any]]]) -> None:
    since, edges = book
    of = on_day(4, since, edges)
    for records in members(of).values():
        reached, frontier = set(), {min(records)}
        while frontier:
            reached |= frontier
            ends = [(e["record_l"], e["record_r"]) for e in edges]
            frontier = {
                b for a, b in ends + [(b, a) for a, b in ends] if a in reached and b in records
            } - reached
        assert reached == records
