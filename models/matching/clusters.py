"""Clusters: which records are one customer, decided edge by edge so that a cluster makes sense as a whole.

Edges are taken best first (exact rules, then probability, then ids), and two clusters join unless that would
put two values into one slot: two checked numbers of one scheme, two records of a source whose records are
distinct. A weak chain therefore can't run two people together, as connected components would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import EntityMatching
from models.matching.components import labelled

EDGE_COLUMNS: Final = (
    "record_l", "record_r", "probability", "weight", "certain",
    "since_l", "since_r", "slots_l", "slots_r", "soft_slots_l", "soft_slots_r",
)  # fmt: skip
MEMBER_TYPE: Final = (
    "record_id string, first_record_id string, linked_to string, linked_by string, probability double"
)
MEMBER_SCHEMA: Final = pa.schema(
    [
        ("record_id", pa.string()),
        ("first_record_id", pa.string()),
        ("linked_to", pa.string()),
        ("linked_by", pa.string()),
        ("probability", pa.float64()),
    ]
)
BY_PROBABILITY: Final = "probability"


@dataclass
class Cluster:
    """Records joined so far, with the values that they bring to each slot. `first` is (known from, record id)."""

    first: tuple[Any, str]
    members: list[str]
    slots: dict[str, set[str]] = field(default_factory=dict)
    soft: dict[str, set[str]] = field(default_factory=dict)

    def conflicts(self, other: Cluster, soft: bool) -> bool:
        """Whether joining would put two different values into one slot."""
        if _clash(self.slots, other.slots):
            return True
        return soft and _clash(self.soft, other.soft)

    def absorb(self, other: Cluster) -> None:
        """Take over the other's members and values; the older of both first records stays first."""
        self.first = min(self.first, other.first)
        self.members += other.members
        for mine, theirs in ((self.slots, other.slots), (self.soft, other.soft)):
            for name, values in theirs.items():
                mine.setdefault(name, set()).update(values)


def clustered(
    pairs: DataFrame, records: DataFrame, rules: EntityMatching, *, one_task: bool = True
) -> DataFrame:
    """MEMBER_TYPE: one row per record that shares a customer with another, with the cluster's oldest record.

    `records`: record_id, since (date first known), slots, soft_slots. `linked_to` is the other end of the
    strongest edge that brought the record in, `linked_by` the exact rule or "probability". `one_task` does all
    edges in one task's memory (some 200 bytes an edge); otherwise components are spread over the cluster.
    """
    edges = edges_of(pairs, records, rules)
    spread = edges.coalesce(1) if one_task else labelled(edges).repartition("component").drop("component")
    return spread.select(*EDGE_COLUMNS).mapInArrow(_decider(rules.soft_threshold), MEMBER_TYPE)


def edges_of(pairs: DataFrame, records: DataFrame, rules: EntityMatching) -> DataFrame:
    """Pairs that may join (at the threshold, or by an exact rule) with both ends' age and slots."""
    joining = pairs.where((F.col("probability") >= rules.threshold) | F.col("certain").isNotNull())
    ends = records.select("record_id", "since", "slots", "soft_slots")
    for side in ("l", "r"):
        end = ends.select(*(F.col(c).alias(f"{c}_{side}") for c in ends.columns))
        joining = joining.join(end.withColumnRenamed(f"record_id_{side}", f"record_{side}"), f"record_{side}")
    return joining


def agglomerated(edges: Iterable[dict[str, Any]], soft_threshold: float) -> Iterator[dict[str, Any]]:
    """The members of every cluster of two or more that the edges (rows of EDGE_COLUMNS) allow.

    Deterministic: the order of the input doesn't matter.
    """
    ordered = sorted(edges, key=_strength)
    home: dict[str, Cluster] = {}
    reasons: dict[str, dict[str, Any]] = {}
    for edge in ordered:
        left, right = _home_of(home, edge, "l"), _home_of(home, edge, "r")
        if left is not right:
            firm = edge["certain"] is not None or edge["probability"] >= soft_threshold
            if left.conflicts(right, soft=not firm):
                continue
            _join(home, left, right)
        for end, other in (("l", "r"), ("r", "l")):
            reasons.setdefault(edge[f"record_{end}"], _reason(edge, other))
    for record in sorted(home):
        if record in reasons:
            yield {"record_id": record, "first_record_id": home[record].first[1], **reasons[record]}


def _decider(soft_threshold: float) -> Any:
    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        edges = (row for batch in batches for row in batch.to_pylist())
        yield from pa.Table.from_pylist(list(agglomerated(edges, soft_threshold)), MEMBER_SCHEMA).to_batches()

    return decide


def _strength(edge: dict[str, Any]) -> tuple[Any, ...]:
    by_rule = 0 if edge["certain"] is not None else 1
    return by_rule, -edge["probability"], -edge["weight"], edge["record_l"], edge["record_r"]


def _home_of(home: dict[str, Cluster], edge: dict[str, Any], side: str) -> Cluster:
    record = edge[f"record_{side}"]
    if record not in home:
        home[record] = Cluster(
            (edge[f"since_{side}"], record),
            [record],
            _by_slot(edge[f"slots_{side}"]),
            _by_slot(edge[f"soft_slots_{side}"]),
        )
    return home[record]


def _join(home: dict[str, Cluster], left: Cluster, right: Cluster) -> None:
    large, small = (left, right) if len(left.members) >= len(right.members) else (right, left)
    for record in small.members:
        home[record] = large
    large.absorb(small)


def _reason(edge: dict[str, Any], other: str) -> dict[str, Any]:
    return {
        "linked_to": edge[f"record_{other}"],
        "linked_by": edge["certain"] or BY_PROBABILITY,
        "probability": edge["probability"],
    }


def _by_slot(values: Iterable[str]) -> dict[str, set[str]]:
    slots: dict[str, set[str]] = {}
    for value in values or ():
        name, _, content = value.partition("=")
        slots.setdefault(name, set()).add(content)
    return slots


def _clash(left: dict[str, set[str]], right: dict[str, set[str]]) -> bool:
    return any(left[name].isdisjoint(right[name]) for name in left.keys() & right.keys())
