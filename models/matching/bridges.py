"""Bridges of a cluster: links without which it would fall into two. Tarjan, A note on finding the bridges (1974)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Link = tuple[str, str]


def bridges(links: Iterable[Link]) -> list[tuple[Link, int]]:
    """Each bridge among the links (each pair of records once, a < b) with the records on its smaller side, sorted."""
    walk = _Walk(_neighbours(links))
    for start in sorted(walk.beside):
        if start not in walk.seen:
            walk.component(start)
    return sorted(walk.found)


def weak_bridges(links: Mapping[Link, float], weak: float) -> list[Link]:
    """Bridges whose strength lies under `weak`, weakest first; among equals the one that splits off most records."""
    found = [(links[link], -smaller, link) for link, smaller in bridges(links) if links[link] < weak]
    return [link for _, _, link in sorted(found)]


@dataclass
class _Walk:
    """A depth-first walk: when each record was first seen, the earliest record its subtree reaches, subtree sizes."""

    beside: dict[str, list[str]]
    seen: dict[str, int] = field(default_factory=dict)
    low: dict[str, int] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)
    found: list[tuple[Link, int]] = field(default_factory=list)

    def component(self, start: str) -> None:
        """Walk all that hangs together with `start`, without recursion: a cluster can be a long chain."""
        before = len(self.found)
        path: list[tuple[str, str | None, Iterator[str]]] = [self._enter(start, None)]
        while path:
            here, above, rest = path[-1]
            if (there := next(rest, None)) is None:
                path.pop()
                self._leave(here, above)
            elif there not in self.seen:
                path.append(self._enter(there, here))
            elif there != above:
                self.low[here] = min(self.low[here], self.seen[there])
        whole = self.size[start]
        self.found[before:] = [(link, min(below, whole - below)) for link, below in self.found[before:]]

    def _enter(self, here: str, above: str | None) -> tuple[str, str | None, Iterator[str]]:
        self.seen[here] = self.low[here] = len(self.seen)
        self.size[here] = 1
        return here, above, iter(self.beside[here])

    def _leave(self, here: str, above: str | None) -> None:
        if above is None:
            return
        self.low[above] = min(self.low[above], self.low[here])
        self.size[above] += self.size[here]
        if self.low[here] > self.seen[above]:
            self.found.append(((min(here, above), max(here, above)), self.size[here]))


def _neighbours(links: Iterable[Link]) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for left, right in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    return {record: sorted(others) for record, others in beside.items()}
