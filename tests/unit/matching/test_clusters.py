from __future__ import annotations

from typing import Any

from models.matching.clusters import agglomerated


def edge(left: str, right: str, probability: float, **more: Any) -> dict[str, Any]:
    plain = {
        "record_l": left, "record_r": right, "probability": probability, "weight": 1.0, "certain": None, "decision": None,
        "since_l": 1, "since_r": 1, "slots_l": [], "slots_r": [], "soft_slots_l": [], "soft_slots_r": [],
    }  # fmt: skip
    return plain | more


def decided(left: str, right: str, decision: str) -> dict[str, Any]:
    return edge(left, right, 0.0, decision=decision) | {"probability": None, "weight": None}


def groups(*edges: dict[str, Any]) -> dict[str, str]:
    return {m["record_id"]: m["first_record_id"] for m in agglomerated(edges, 0.999)}


def test_links_chain_where_nothing_speaks_against_it() -> None:
    assert groups(edge("a", "b", 0.99), edge("b", "c", 0.97)) == {"a": "a", "b": "a", "c": "a"}


def test_the_stronger_link_wins_where_a_slot_forbids_both() -> None:
    found = groups(
        edge("a", "m", 0.97, slots_l=["id=1"]),
        edge("m", "z", 0.99, slots_r=["id=2"]),
    )
    assert found == {"m": "m", "z": "m"}


def test_an_exact_rule_goes_before_any_probability() -> None:
    found = groups(
        edge("a", "m", 0.96, slots_l=["id=1"], certain="same number"),
        edge("m", "z", 0.99, slots_r=["id=2"]),
    )
    assert found == {"a": "a", "m": "a"}


def test_a_soft_slot_yields_to_a_firm_link_only() -> None:
    apart = {"soft_slots_l": ["born=1"], "soft_slots_r": ["born=2"]}
    assert groups(edge("a", "b", 0.99, **apart)) == {}
    assert groups(edge("a", "b", 0.9999, **apart)) == {"a": "a", "b": "a"}


def test_the_oldest_record_names_the_cluster() -> None:
    assert groups(edge("a", "b", 0.99, since_l=5, since_r=3)) == {"a": "b", "b": "b"}


def test_a_member_tells_which_link_brought_it_in() -> None:
    members = {m["record_id"]: m for m in agglomerated([edge("a", "b", 0.98), edge("b", "c", 0.99)], 0.999)}
    assert (members["a"]["linked_to"], members["b"]["linked_to"], members["c"]["probability"]) == (
        "b",
        "c",
        0.99,
    )


def test_a_cannot_link_keeps_two_records_apart_also_through_third_ones() -> None:
    chain = [edge("a", "m", 0.98), edge("m", "z", 0.99), edge("a", "z", 0.999)]
    assert groups(*chain, decided("a", "z", "cannot_link")) == {"m": "m", "z": "m"}


def test_a_must_link_joins_what_nothing_else_would_and_overrides_slots() -> None:
    must = decided("a", "z", "must_link") | {"slots_l": ["id=1"], "slots_r": ["id=2"]}
    (left, right) = agglomerated([must], 0.999)
    assert (left["first_record_id"], left["linked_by"], left["linked_to"]) == ("a", "steward", "z")
    assert (right["first_record_id"], right["probability"]) == ("a", None)


def test_decisions_are_obeyed_transitively() -> None:
    links = [decided("a", "b", "must_link"), decided("b", "c", "cannot_link")]
    assert groups(*links, edge("a", "c", 0.9999)) == {"a": "a", "b": "a"}
    both = [*links, decided("c", "d", "must_link"), edge("a", "d", 0.9999, certain="same number")]
    assert groups(*both) == {"a": "a", "b": "a", "c": "c", "d": "c"}
