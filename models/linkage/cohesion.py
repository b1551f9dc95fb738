"""What holds a cluster together: its links, the weakest one that carries it, and what would be split off if it fell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from models.linkage.clustering import clustered

if TYPE_CHECKING:
    from models.linkage.evidence import Kept

Partition = Callable[[int | None], Sequence[int]]
"""The label of each record when the link of that number is gone (None: all are there)."""
MOST: Final = 500
"""Links tried at most, the weakest first: a cluster with more is carried by none alone."""


@dataclass(frozen=True)
class Link:
    """Two records compared. `certain`: the exact rule that joins them whatever their probability, if any.
    `splits_off`: the records that leave if it falls; empty where nothing does. `counted`: what it is in the cluster's
    average where that isn't its probability (models.linkage.undecided).
    """

    record_l: str
    record_r: str
    probability: float
    certain: str | None = None
    splits_off: tuple[str, ...] = ()
    counted: float | None = None

    @property
    def strength(self) -> float:
        """What it counts for: an exact rule is as good as certainty."""
        return 1.0 if self.certain else self.probability if self.counted is None else self.counted


@dataclass(frozen=True)
class Seam:
    """The last two groups to have joined: the average probability of all pairs across (those never compared count
    as 0), and the strongest of them.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    average: float
    strongest: float


@dataclass(frozen=True)
class Cohesion:
    """A cluster's links, weakest first; `weakest` is the least likely one that alone carries it, None where none does."""

    customer_id: str
    records: tuple[str, ...]
    links: tuple[Link, ...]
    weakest: Link | None
    seam: Seam | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def cohesion(
    customer: str, records: Sequence[str], links: Sequence[Link], parted: Partition, method: str = "average"
) -> Cohesion:
    """The cluster of `records` by its `links`; `parted` clusters them without one, `method` (scipy's) finds the seam."""
    ordered = sorted(
        range(len(links)), key=lambda i: (links[i].strength, links[i].record_l, links[i].record_r)
    )
    told = tuple(
        replace(links[i], splits_off=_split_off(records, parted(i)) if turn < MOST else ())
        for turn, i in enumerate(ordered)
    )
    weakest = next((link for link in told if link.splits_off), None)
    return Cohesion(customer, tuple(records), told, weakest, seam(records, links, method))


def _split_off(records: Sequence[str], labels: Sequence[int]) -> tuple[str, ...]:
    """All records but those of the largest group; of equal ones the first stays."""
    groups: dict[int, list[str]] = {}
    for record, label in zip(records, labels, strict=True):
        groups.setdefault(label, []).append(record)
    stays = max(groups.values(), key=len)
    return tuple(record for record in records if record not in stays)


def seam(records: Sequence[str], links: Sequence[Link], method: str = "average") -> Seam | None:
    """Where a cluster is thinnest; None for a record alone."""
    if len(records) < 2:
        return None
    likely = _matrix(records, links)
    tree = linkage(squareform(1 - likely, checks=False), method)
    side = np.isin(np.arange(len(records)), _under(tree, int(tree[-1, 0]), len(records)))
    across = likely[np.ix_(side, ~side)]
    names = np.array(records, dtype=object)
    halves = sorted((tuple(names[side]), tuple(names[~side])), key=len, reverse=True)
    return Seam(halves[0], halves[1], float(across.mean()), float(across.max()))


def _matrix(records: Sequence[str], links: Sequence[Link]) -> npt.NDArray[np.float64]:
    place = {record: i for i, record in enumerate(records)}
    likely = np.zeros((len(records), len(records)))
    for link in links:
        at = place[link.record_l], place[link.record_r]
        likely[at] = likely[at[::-1]] = link.strength
    np.fill_diagonal(likely, 1)
    return likely


def _under(tree: npt.NDArray[np.float64], node: int, leaves: int) -> list[int]:
    if node < leaves:
        return [node]
    left, right = int(tree[node - leaves, 0]), int(tree[node - leaves, 1])
    return _under(tree, left, leaves) + _under(tree, right, leaves)


def of_output(output: Kept, record: str) -> Cohesion | None:
    """The cluster of a record (or of that customer id) in a finished match; None where nobody has that id."""
    clusters = output.clusters
    mine = clusters[(clusters["record_id"] == record) | (clusters["customer_id"] == record)]
    if mine.empty:
        return None
    customer = str(mine["customer_id"].iloc[0])
    members = clusters[clusters["customer_id"] == customer]
    records = list(members["record_id"])
    inside = output.pairs[
        output.pairs["record_id_l"].isin(records) & output.pairs["record_id_r"].isin(records)
    ]
    counts = inside["counted" if "counted" in inside else "probability"]
    links = [
        Link(str(left), str(right), float(probability), counted=float(counted))
        for left, right, probability, counted in zip(
            inside["record_id_l"],
            inside["record_id_r"],
            inside["probability"],
            counts,
            strict=True,
        )
    ]
    return cohesion(customer, records, links, _averaged(records, links, float(output.settings["threshold"])))


def _averaged(records: Sequence[str], links: Sequence[Link], threshold: float) -> Partition:
    """Average linkage, as the match itself."""
    place = {record: i for i, record in enumerate(records)}
    ends = np.array([(place[link.record_l], place[link.record_r]) for link in links], np.int64).reshape(-1, 2)
    likely = np.array([link.probability for link in links])
    counted = np.array([link.strength for link in links])

    def parted(fallen: int | None) -> Sequence[int]:
        left = np.arange(len(links)) != (-1 if fallen is None else fallen)
        found = clustered(len(records), ends[left], likely[left], threshold, counted=counted[left])
        return [int(label) for label in found]

    return parted
