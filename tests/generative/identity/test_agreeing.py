from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from models.matching.clusters import EDGE_COLUMNS, agglomerated, decided
from tests.generative.identity.test_stable_ids import FIRM, books

DECISIONS = [None, None, None, "must_link", "cannot_link"]
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("record_l", "record_r")),
        *((name, pa.float64()) for name in ("probability", "weight")),
        *((name, pa.string()) for name in ("certain", "decision", "since_l", "since_r")),
        *((f"{name}_{side}", pa.list_(pa.string())) for name in ("slots", "soft_slots") for side in "lr"),
    ]
)


@st.composite
def judged(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Edges of a book, some of them decided by a steward instead of scored."""
    _, edges = draw(books())
    said = [draw(st.sampled_from(DECISIONS)) for _ in edges]
    unscored = {"probability": None, "weight": None, "certain": None}
    named = [e | {f"since_{s}": str(e[f"since_{s}"]) for s in "lr"} for e in edges]
    return [e | unscored | {"decision": d} if d else e for e, d in zip(named, said, strict=True)]


def found(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = decided(pa.Table.from_pylist(edges, SCHEMA).select(EDGE_COLUMNS), FIRM).to_pylist()
    return sorted(told, key=lambda row: str(row["record_id"]))


@given(judged())
def test_clusters_found_at_once_are_those_found_edge_by_edge(edges: list[dict[str, Any]]) -> None:
    joined = [row for row in found(edges) if row["first_record_id"] is not None]
    assert [{k: v for k, v in row.items() if k != "component"} for row in joined] == list(
        agglomerated(edges, FIRM)
    )


@given(judged())
def test_components_can_be_decided_each_by_itself(edges: list[dict[str, Any]]) -> None:
    whole = found(edges)
    component = {row["record_id"]: row["component"] for row in whole}
    assert component.keys() == {e[f"record_{end}"] for e in edges for end in "lr"}
    assert all(component[e["record_l"]] == component[e["record_r"]] for e in edges)
    apart = [
        row
        for one in set(component.values())
        for row in found([e for e in edges if component[e["record_l"]] == one])
    ]
    assert sorted(apart, key=lambda row: str(row["record_id"])) == whole
    assert all(min(r for r, c in component.items() if c == one) == one for one in component.values())
