"""The day's stages: jobs of graph.json grouped so that each JVM start builds as many tables as it may."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

GRAPH: Final = Path(__file__).with_name("graph.json")
INGEST: Final = "ingest"
FIRST: Final = "bronze"  # one job per source contract: which they are only the bank's configuration knows
BETWEEN: Final = ("silver", "identity", "gold", "models")  # tried in this order; a new layer comes after them
LAST: Final = "publish"  # what leaves the lake goes when everything else is done


class GraphError(ValueError):
    """graph.json cannot be scheduled; the message names the tables."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One job of the graph: the tables it owns and the tables it reads."""

    tables: tuple[str, ...]
    inputs: tuple[str, ...]
    layer: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Jobs that share one task: its name, their tables in building order, and the stages to wait for."""

    name: str
    tables: tuple[str, ...]
    after: tuple[str, ...]


def read_graph(path: Path = GRAPH) -> tuple[Scheduled, ...]:
    """The jobs of graph.json in its (topological) order, without bronze, which is mapped over deliveries."""
    entries: Sequence[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["jobs"]
    return tuple(
        Scheduled(tuple(e["tables"]), tuple(e["inputs"]), e["layer"]) for e in entries if e["layer"] != FIRST
    )


def stages(jobs: Sequence[Scheduled]) -> tuple[Stage, ...]:
    """Group jobs by layer, a layer again where some of its tables wait for a later one (gold for scores).

    Every job is in exactly one stage, and behind everything it reads. Raises GraphError on a cycle or an
    unknown input.
    """
    _check_inputs(jobs)
    groups = _groups(jobs)
    stage_of = {t: name for name, members in groups.items() for job in members for t in job.tables}
    return tuple(
        Stage(name, tuple(t for j in members for t in j.tables), _waits_for(name, members, stage_of))
        for name, members in groups.items()
    )


def spread(systems: Iterable[str], limit: int) -> list[list[str]]:
    """The systems, each once per delivered table, as at most `limit` groups with about as many tables each."""
    tables = Counter(systems)
    groups: list[list[str]] = [[] for _ in range(min(limit, len(tables)))]
    for system in sorted(tables, key=lambda s: (-tables[s], s)):
        min(groups, key=lambda g: sum(tables[s] for s in g)).append(system)
    return groups


def _groups(jobs: Sequence[Scheduled]) -> dict[str, list[Scheduled]]:
    """Layer after layer, round after round, take what has nothing left to wait for."""
    layers = [*dict.fromkeys([*BETWEEN, *(j.layer for j in jobs if j.layer != LAST)])]
    waiting, done = list(jobs), set[str]()
    groups: dict[str, list[Scheduled]] = {}
    for layer in _rounds(layers, waiting):
        if taken := _ready(layer, waiting, done):
            groups[_name(layer, groups)] = taken
    return groups


def _rounds(layers: Sequence[str], waiting: list[Scheduled]) -> Iterable[str]:
    """Layers in turn until only publishing is left, then that. A round that takes nothing is a cycle."""
    while any(j.layer != LAST for j in waiting):
        before = len(waiting)
        yield from layers
        if len(waiting) == before:
            raise GraphError(
                f"these tables wait for one another: {sorted(t for j in waiting for t in j.tables)}"
            )
    yield LAST
    if waiting:
        raise GraphError(f"nothing may follow publishing: {sorted(t for j in waiting for t in j.tables)}")


def _ready(layer: str, waiting: list[Scheduled], done: set[str]) -> list[Scheduled]:
    """Move the layer's jobs whose inputs are all built, this stage's own included, out of `waiting`."""
    taken: list[Scheduled] = []
    for job in [j for j in waiting if j.layer == layer]:
        if all(_is_ingested(i) or i in done or i in job.tables for i in job.inputs):
            waiting.remove(job)
            done.update(job.tables)
            taken.append(job)
    return taken


def _waits_for(name: str, members: Iterable[Scheduled], stage_of: Mapping[str, str]) -> tuple[str, ...]:
    reads = [i for job in members for i in job.inputs]
    found = {INGEST if _is_ingested(i) else stage_of[i] for i in reads}
    return tuple(sorted(found - {name})) or (INGEST,)


def _check_inputs(jobs: Sequence[Scheduled]) -> None:
    owned = [t for j in jobs for t in j.tables]
    if twice := sorted({t for t in owned if owned.count(t) > 1}):
        raise GraphError(f"more than one job owns {twice}")
    if unknown := sorted({i for j in jobs for i in j.inputs if not _is_ingested(i)} - set(owned)):
        raise GraphError(f"no job builds {unknown}")


def _is_ingested(table: str) -> bool:
    return table.startswith(f"{FIRST}.")


def _name(layer: str, groups: Mapping[str, object]) -> str:
    rounds = sum(name.split("_", maxsplit=1)[0] == layer for name in groups)
    return layer if not rounds else f"{layer}_{rounds + 1}"
