"""Clusters: which records are one customer, decided edge by edge so that a cluster makes sense as a whole.

Edges are taken best first (stewards' must-links, exact rules, then probability, then ids), and two clusters join
unless that would put two values into one slot: two checked numbers of one scheme, two records of a source whose
records are distinct. A weak chain therefore can't run two people together, as connected components would. Two
records that a steward's cannot-link keeps apart never meet, not through third ones either: each of the others
goes where its strongest link leads. A must-link overrides slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.matching import EntityMatching
from models.matching.agreeing import BY_PROBABILITY, BY_STEWARD, MEMBER_SCHEMA, components, ends_of, parted
from models.matching.components import labelled
from models.matching.decisions import CANNOT, MUST

EDGE_COLUMNS: Final = (
    "record_l", "record_r", "probability", "weight", "certain", "decision",
    "since_l", "since_r", "slots_l", "slots_r", "soft_slots_l", "soft_slots_r",
)  # fmt: skip
MEMBER_TYPE: Final = "record_id string, component string, first_record_id string, linked_to string, linked_by string, probability double"
LATE_DIGITS: Final = 9


@dataclass
class Cluster:
    """Records joined so far, with the values that they bring to each slot. `first` is (age, record id);
    `apart` are the records that none of its members may meet.
    """

    first: tuple[Any, str]
    members: list[str]
    slots: dict[str, set[str]] = field(default_factory=dict)
    soft: dict[str, set[str]] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)

    def never(self, other: Cluster) -> bool:
        """Whether a cannot-link stands between the two."""
        return not (self.apart.isdisjoint(other.members) if self.apart else True)

    def conflicts(self, other: Cluster, soft: bool) -> bool:
        """Whether joining would put two different values into one slot."""
        if _clash(self.slots, other.slots):
            return True
        return soft and _clash(self.soft, other.soft)

    def absorb(self, other: Cluster) -> None:
        """Take over the other's members and values; the older of both first records stays first."""
        self.first = min(self.first, other.first)
        self.members += other.members
        self.apart |= other.apart
        for mine, theirs in ((self.slots, other.slots), (self.soft, other.soft)):
            for name, values in theirs.items():
                mine.setdefault(name, set()).update(values)


def clustered(
    pairs: DataFrame,
    records: DataFrame,
    rules: EntityMatching,
    decisions: DataFrame,
    *,
    one_task: bool = True,
) -> DataFrame:
    """MEMBER_TYPE: one row per record that an edge names. `component`: the lowest record that it hangs together with by
    edges of any kind; the customers of a component are decided together, and apart from all others. The rest where it
    shares a customer with another: the oldest record of the cluster, and what brought it in.

    `records`: record_id, since (date first known), late (place among those of a date), slots, soft_slots. `decisions`: record_l, record_r, decision
    (must_link or cannot_link), free of contradictions; those on records that aren't among `records` say nothing.
    `linked_to` is the other end of the strongest edge that brought the record in, `linked_by` the exact rule,
    "probability" or "steward". `one_task` does all edges in one task's memory (some 200 bytes an edge); otherwise
    components are spread over the cluster.
    """
    edges = edges_of(pairs, records, rules, decisions)
    spread = edges.coalesce(1) if one_task else labelled(edges).repartition("component").drop("component")
    return spread.select(*EDGE_COLUMNS).mapInArrow(_decider(rules.soft_threshold), MEMBER_TYPE)


def edges_of(pairs: DataFrame, records: DataFrame, rules: EntityMatching, decisions: DataFrame) -> DataFrame:
    """Pairs that may join (at the threshold, or by an exact rule) and decided ones, with both ends' age and slots."""
    likely = pairs.where((F.col("probability") >= rules.threshold) | F.col("certain").isNotNull())
    joining = likely.select("record_l", "record_r", "probability", "weight", "certain").unionByName(
        decisions.select("record_l", "record_r", "decision"), allowMissingColumns=True
    )
    age = F.concat_ws("+", "since", F.lpad(F.col("late").cast("string"), LATE_DIGITS, "0"))
    ends = records.select("record_id", age.alias("since"), "slots", "soft_slots")
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
    _keep_apart(home, ordered)
    for edge in ordered:
        left, right = _home_of(home, edge, "l"), _home_of(home, edge, "r")
        if edge["decision"] == CANNOT or not _joined(home, left, right, edge, soft_threshold):
            continue
        for end, other in (("l", "r"), ("r", "l")):
            reasons.setdefault(edge[f"record_{end}"], _reason(edge, other))
    for record in sorted(home):
        if record in reasons:
            yield {"record_id": record, "first_record_id": home[record].first[1], **reasons[record]}


def _keep_apart(home: dict[str, Cluster], edges: Iterable[dict[str, Any]]) -> None:
    for edge in edges:
        if edge["decision"] == CANNOT:
            _home_of(home, edge, "l").apart.add(edge["record_r"])
            _home_of(home, edge, "r").apart.add(edge["record_l"])


def _joined(
    home: dict[str, Cluster], left: Cluster, right: Cluster, edge: dict[str, Any], soft_threshold: float
) -> bool:
    """Join both clusters unless something forbids it; whether they are one now."""
    if left is right:
        return True
    if left.never(right):
        return False
    if edge["decision"] != MUST:
        firm = edge["certain"] is not None or edge["probability"] >= soft_threshold
        if left.conflicts(right, soft=not firm):
            return False
    _join(home, left, right)
    return True


def decided(edges: pa.Table, soft_threshold: float) -> pa.Table:
    """MEMBER_TYPE of a table of EDGE_COLUMNS: edge by edge, as `agglomerated` does, only where something may forbid one."""
    ends = ends_of(edges)
    if not len(edges):
        return components(ends).join(MEMBER_SCHEMA.empty_table(), "record_id")
    agreed, disputed = parted(edges, ends, soft_threshold)
    members = list(agglomerated(disputed.to_pylist(), soft_threshold))
    joined = pa.concat_tables([agreed, pa.Table.from_pylist(members, MEMBER_SCHEMA)])
    return components(ends).join(joined, "record_id")


def _decider(soft_threshold: float) -> Any:
    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            yield from decided(pa.Table.from_batches(held), soft_threshold).to_batches()

    return decide


def _strength(edge: dict[str, Any]) -> tuple[Any, ...]:
    """Best first: must-links, exact rules, then by probability and weight; ties by the records' ids."""
    by_rule = 0 if edge["decision"] is not None else 1 if edge["certain"] is not None else 2
    likely = -(edge["probability"] or 0.0), -(edge["weight"] or 0.0)
    return by_rule, *likely, edge["record_l"], edge["record_r"]


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
        "linked_by": BY_STEWARD if edge["decision"] == MUST else edge["certain"] or BY_PROBABILITY,
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
