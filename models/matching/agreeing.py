"""The clusters in which nothing can disagree, found at once: most customers have no two values for one slot.

Where a component of the likely edges holds at most one value of each slot and nobody's cannot-link, every edge joins,
in whatever order. Two values of a soft slot forbid nothing there either once firm edges, which come first, hold all of
it together. Such components need no walk edge by edge: their members, with what it would have said of each, come from
arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.matching.decisions import CANNOT, MUST

COMPONENT_SCHEMA: Final = pa.schema([("record_id", pa.string()), ("component", pa.string())])
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
BY_STEWARD: Final = "steward"

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ends:
    """The records of a table of edges, numbered. `left` and `right`: each edge's ends; by number: the `names`, the
    row at which each first stands as an end (right ends after all left ones), its `rank` among names in order.
    """

    left: Numbers
    right: Numbers
    names: pa.Array
    rows: Numbers
    rank: Numbers

    def of(self, edges: pa.Table, column: str) -> Any:
        """What the edges say of each record in `column`_l or `column`_r."""
        both = pa.chunked_array(edges[f"{column}_l"].chunks + edges[f"{column}_r"].chunks)
        return both.take(pa.array(self.rows)).combine_chunks()


def components(ends: Ends) -> pa.Table:
    """COMPONENT_SCHEMA: each record of the edges, and the lowest of all that it hangs together with, by links and
    cannot-links alike: records of two components say nothing of each other.
    """
    component = _components(ends, np.ones(len(ends.left), np.bool_))
    lowest = _lowest(component, np.argsort(ends.rank))[component]
    return pa.table([ends.names, ends.names.take(pa.array(lowest))], schema=COMPONENT_SCHEMA)


def parted(edges: pa.Table, ends: Ends, soft_threshold: float) -> tuple[pa.Table, pa.Table]:
    """(members of the components that agree, as MEMBER_SCHEMA; the edges of all others).

    edges: as models.matching.clusters.EDGE_COLUMNS says, with the `ends` that ends_of tells of them.
    """
    apart = pc.fill_null(pc.equal(edges["decision"], CANNOT), False).to_numpy()
    component = _components(ends, ~apart)
    loose = _loose(component, _components(ends, _firm(edges, soft_threshold) & ~apart))
    disputed = _two_values(edges, ends, component, "slots")
    disputed |= _two_values(edges, ends, component, "soft_slots") & loose
    disputed[component[ends.left[apart]]] = disputed[component[ends.right[apart]]] = True
    is_open = disputed[component[ends.left]]
    agreed = Ends(ends.left[~is_open], ends.right[~is_open], ends.names, ends.rows, ends.rank)
    first = _lowest(component, _by_age(edges, ends))
    return _members(edges.filter(pa.array(~is_open)), agreed, first[component]), edges.filter(
        pa.array(is_open)
    )


def ends_of(edges: pa.Table) -> Ends:
    """The records of the edges (EDGE_COLUMNS), numbered."""
    both = pa.chunked_array(edges["record_l"].chunks + edges["record_r"].chunks).combine_chunks()
    coded = both.dictionary_encode()
    number = coded.indices.to_numpy().astype(np.int64)
    rows = np.unique(number, return_index=True)[1].astype(np.int64)
    rank = np.empty(len(rows), np.int64)
    rank[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rows))
    return Ends(number[: len(edges)], number[len(edges) :], coded.dictionary, rows, rank)


def _components(ends: Ends, joining: Flags) -> Numbers:
    at = ends.left[joining], ends.right[joining]
    graph = coo_array((np.ones(len(at[0]), np.int8), at), shape=(len(ends.names),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int64)  # type: ignore[no-any-return]


def _firm(edges: pa.Table, soft_threshold: float) -> Flags:
    """Edges that soft slots don't hold back: any decision or rule, and the surest of the others."""
    sure = pc.fill_null(pc.greater_equal(edges["probability"], soft_threshold), False)
    told = pc.or_(pc.is_valid(edges["decision"]), pc.is_valid(edges["certain"]))
    return pc.or_(sure, told).to_numpy()  # type: ignore[no-any-return]


def _loose(component: Numbers, firmly: Numbers) -> Flags:
    """By component: whether firm edges alone leave it in parts."""
    parts = np.unique(component * len(component) + firmly) // len(component)
    return np.bincount(parts, minlength=len(component)) > 1


def _two_values(edges: pa.Table, ends: Ends, component: Numbers, column: str) -> Flags:
    """By component: whether some slot of `column` has two values in it."""
    held = ends.of(edges, column)
    values = pc.list_flatten(held).dictionary_encode()
    named = pc.list_element(pc.split_pattern(values.dictionary, "=", max_splits=1), 0)
    slot = named.dictionary_encode().indices.to_numpy().astype(np.int64)
    owner = component[pc.list_parent_indices(held).to_numpy()]
    # Two numbers in one: unique over one column of integers is many times faster than over two.
    width = max(len(slot), 1)
    found = np.unique(owner * width + values.indices.to_numpy())
    of_slot, times = np.unique(found // width * width + slot[found % width], return_counts=True)
    disputed = np.zeros(len(component), np.bool_)
    disputed[of_slot[times > 1] // width] = True
    return disputed


def _by_age(edges: pa.Table, ends: Ends) -> Numbers:
    """The records' numbers, the oldest first, ties by name."""
    aged = pa.table({"since": ends.of(edges, "since"), "rank": ends.rank})
    return pc.sort_indices(aged, [("since", "ascending"), ("rank", "ascending")]).to_numpy().astype(np.int64)  # type: ignore[no-any-return]


def _lowest(group: Numbers, ordered: Numbers) -> Numbers:
    """By group: which of its elements stands first in `ordered`."""
    first = np.zeros(len(group), np.int64)
    first[group[ordered[::-1]]] = ordered[::-1]  # the last one written stays
    return first


def _members(edges: pa.Table, ends: Ends, first: Numbers) -> pa.Table:
    """One row per record of the edges; `first`: by record, the one that names its cluster."""
    best, is_left = _strongest(edges, ends)
    record = np.flatnonzero(best >= 0)
    edge = best[record]
    other = np.where(is_left[record], ends.right[edge], ends.left[edge])
    must = pc.fill_null(pc.equal(edges["decision"], MUST), False)
    linked_by = pc.if_else(must, BY_STEWARD, pc.fill_null(edges["certain"], BY_PROBABILITY))
    columns = [
        *(ends.names.take(pa.array(which)) for which in (record, first[record], other)),
        linked_by.take(pa.array(edge)),
        edges["probability"].take(pa.array(edge)),
    ]
    return pa.table(columns, schema=MEMBER_SCHEMA)


def _strongest(edges: pa.Table, ends: Ends) -> tuple[Numbers, Flags]:
    """By record: its strongest edge (-1: none), and whether it is that edge's left end."""
    order = _by_strength(edges, ends)[::-1]
    place = np.arange(len(order))
    at = {True: np.full(len(ends.names), -1), False: np.full(len(ends.names), -1)}
    at[True][ends.left[order]] = place  # the last one written, the strongest, stays
    at[False][ends.right[order]] = place
    is_left = at[True] > at[False]
    best = np.where(is_left, at[True], at[False])
    return np.where(best >= 0, order[best] if len(order) else -1, -1), is_left


def _by_strength(edges: pa.Table, ends: Ends) -> Numbers:
    """The edges' places, in the order of models.matching.clusters: decided, exact rules, probability, weight, names."""
    by_rule = np.where(
        pc.is_valid(edges["decision"]).to_numpy(), 0, np.where(pc.is_valid(edges["certain"]).to_numpy(), 1, 2)
    )
    likely = [-pc.fill_null(edges[name], 0.0).to_numpy() for name in ("weight", "probability")]
    return np.lexsort((ends.rank[ends.right], ends.rank[ends.left], *likely, by_rule))
