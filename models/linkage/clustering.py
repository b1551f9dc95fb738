"""Clusters: average linkage within each connected part of the pairs, so that one weak link joins nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Pairs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]
LOOSE: Final = 0.1
LARGEST: Final = 1_500
"""Records of one connected part that are clustered at once; a larger one is first cut at a higher probability."""


def connected(records: int, pairs: Pairs) -> Labels:
    """The number of each record's connected part."""
    graph = sparse.coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (records, records))
    _, part = sparse.csgraph.connected_components(graph, directed=False)
    return np.asarray(part, np.int64)


def clustered(
    records: int,
    pairs: Pairs,
    probability: Floats,
    threshold: float,
    source: Labels | None = None,
    counted: Floats | None = None,
) -> Labels:
    """Each record's cluster. Two clusters join while their pairs' average probability is at least `threshold`;
    pairs that aren't given count as 0. `counted`: what a pair counts as in the average instead (its probability still
    decides what is looked at together). `source`: the number of a record's source where no two of its records are
    one entity, else −1.
    """
    kept = probability >= LOOSE
    part = _parts(records, pairs[kept], probability[kept])
    inside = part[pairs[:, 0]] == part[pairs[:, 1]]
    pairs, probability = pairs[inside], (probability if counted is None else counted)[inside]
    order = np.argsort(part[pairs[:, 0]], kind="stable")
    pairs, probability = pairs[order], probability[order]
    bounds = np.flatnonzero(np.diff(part[pairs[:, 0]], prepend=-1, append=-2))
    labels = np.arange(records, dtype=np.int64)
    for lo, hi in pairwise(bounds):
        _settle(labels, pairs[lo:hi], probability[lo:hi], threshold, source)
    return labels


def _parts(records: int, pairs: Pairs, probability: Floats) -> Labels:
    """Connected parts of at most LARGEST records: larger ones at a higher bar, as often as it takes."""
    part = connected(records, pairs)
    bar = LOOSE
    while np.bincount(part).max(initial=0) > LARGEST and bar < 0.999:
        bar = 1 - (1 - bar) * 0.7
        large = np.bincount(part)[part] > LARGEST
        kept = ~large[pairs[:, 0]] | (probability >= bar)
        pairs, probability = pairs[kept], probability[kept]
        part = connected(records, pairs)
    return part


def _settle(
    labels: Labels, pairs: Pairs, probability: Floats, threshold: float, source: Labels | None
) -> None:
    members, place = np.unique(pairs, return_inverse=True)
    place = place.reshape(pairs.shape)
    if len(members) == 2:
        if probability[0] >= threshold and not _clash(members, source):
            labels[members] = members[0]
        return
    distance = np.ones((len(members), len(members)))
    distance[place[:, 0], place[:, 1]] = distance[place[:, 1], place[:, 0]] = 1 - probability
    if source is not None:
        of = source[members]
        distance[(of[:, None] == of) & (of[:, None] >= 0)] = len(members)
    np.fill_diagonal(distance, 0)
    found = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - threshold, "distance")
    for cluster in np.unique(found):
        inside = members[found == cluster]
        labels[inside] = inside.min()


def _clash(members: Labels, source: Labels | None) -> bool:
    return source is not None and source[members[0]] >= 0 and source[members[0]] == source[members[1]]


def within(labels: Labels, largest: int) -> Pairs:
    """All pairs of records inside one cluster, of clusters with at most `largest` records; ordered."""
    seat = np.argsort(labels, kind="stable")
    of = labels[seat]
    _, start, size = np.unique(of, return_index=True, return_counts=True)
    found = []
    for count in np.unique(size[(size > 1) & (size <= largest)]):
        first = start[size == count]
        a, b = np.triu_indices(count, 1)
        found.append(np.column_stack([seat[first[:, None] + a].ravel(), seat[first[:, None] + b].ravel()]))
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int64)
    pairs = np.sort(pairs, axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
