"""Finds the jobs by name: every module of the table layers that has a JOB. Draws the one graph there is."""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import conf
import expectations
import jobs
import models
from jobs.core.errors import BuildError, UsageError
from jobs.core.job import Conformed, Job
from jobs.core.schema import Schema

LAYERS: Final = ("jobs.silver", "jobs.identity", "jobs.gold", "models", "jobs.publish")
GRAPH: Final = Path(__file__).resolve().parents[1] / "dags" / "graph.json"
BRONZE: Final = "bronze.*"


@dataclass(frozen=True)
class Registry:
    """All jobs, in an order in which each comes after its inputs."""

    jobs: tuple[Job, ...]
    modules: Mapping[str, str]

    @property
    def schemas(self) -> dict[str, Schema]:
        """Every table that a job owns → its schema."""
        return {table: output.schema for job in self.jobs for table, output in job.outputs.items()}

    def owner(self, table: str) -> Job:
        """The job that owns a table. Raises UsageError with near names where there is none."""
        for job in self.jobs:
            if table in job.outputs:
                return job
        near = [t for t in self.schemas if table.rsplit(".", maxsplit=1)[-1] in t]
        hint = f"did you mean {', '.join(near)}?" if near else "see `onebook list`"
        raise UsageError(f"there is no table {table}", hint)

    def after(self, job: Job) -> frozenset[str]:
        """Tables of the jobs whose tables `job` reads."""
        return frozenset(t for i in job.input_tables.values() for t in self.owner(i).outputs)

    def select(self, first: Iterable[str] = (), last: Iterable[str] = ()) -> tuple[Job, ...]:
        """The jobs from `first` on (with all that follows) up to `last` (with all that comes before)."""
        chosen = set(map(id, self.jobs))
        if start := list(first):
            chosen &= set(map(id, self._downstream(start)))
        if end := list(last):
            chosen &= set(map(id, self._upstream(end)))
        return tuple(job for job in self.jobs if id(job) in chosen)

    def named(self, tables: Iterable[str]) -> tuple[Job, ...]:
        """Just the jobs that own the named tables."""
        owners = {id(self.owner(t)) for t in tables}
        return tuple(job for job in self.jobs if id(job) in owners)

    def _downstream(self, tables: list[str]) -> Iterator[Job]:
        reached = {t for name in tables for t in self.owner(name).outputs}
        for job in self.jobs:
            if reached & job.outputs.keys() or reached & set(job.input_tables.values()):
                reached |= job.outputs.keys()
                yield job

    def _upstream(self, tables: list[str]) -> Iterator[Job]:
        wanted = {t for name in tables for t in self.owner(name).outputs}
        for job in reversed(self.jobs):
            if wanted & job.outputs.keys():
                wanted |= self.after(job)
                yield job


@cache
def registry() -> Registry:
    """The registry of this installation. Raises BuildError for two owners of one table, or a circle."""
    found = dict(_found())
    owners: dict[str, str] = {}
    for name, job in found.items():
        for table in job.outputs:
            if table in owners:
                raise BuildError(f"{table} has two owners: {owners[table]} and {name}")
            owners[table] = name
    return Registry(tuple(_in_order(found, owners)), {job.table: name for name, job in found.items()})


def graph(reg: Registry) -> dict[str, Any]:
    """The graph for people and for Airflow; the same for every bank (`bronze.*` stands for its sources)."""
    return {"jobs": [_node(reg, job) for job in reg.jobs]}


def graph_text(reg: Registry) -> str:
    """graph.json, byte for byte."""
    return json.dumps(graph(reg), indent=1, ensure_ascii=False) + "\n"


@cache
def code_version() -> str:
    """A hash of all code that decides what tables hold: another version means building again."""
    digest = hashlib.sha256()
    for package in (conf, expectations, jobs, models):
        root = Path(next(iter(package.__path__)))
        for file in sorted([*root.rglob("*.py"), *(root / "suites").rglob("*.yml")]):
            if not {"cli", "demo", "docs", "docs.py"} & set(file.relative_to(root).parts):
                digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _node(reg: Registry, job: Job) -> dict[str, Any]:
    conformed = any(isinstance(i, Conformed) for i in job.inputs.values())
    return {
        "tables": list(job.outputs),
        "module": reg.modules[job.table],
        "inputs": sorted({*job.input_tables.values(), *([BRONZE] if conformed else [])}),
        "schedule": job.schedule,
        "layer": job.table.split(".")[0],
        "grain": job.grain,
    }


def _found() -> Iterator[tuple[str, Job]]:
    for layer in LAYERS:
        package = importlib.import_module(layer)
        for module in _modules(package, layer):
            job = getattr(importlib.import_module(module), "JOB", None)
            if isinstance(job, Job):
                yield module, job


def _modules(package: Any, name: str) -> Iterator[str]:
    """Modules that could hold a job: a layer's own, and each model's score."""
    if name == "models":
        root = Path(next(iter(package.__path__)))
        yield from (f"models.{file.parent.name}.score" for file in sorted(root.glob("*/score.py")))
        return
    for found in pkgutil.iter_modules(package.__path__):
        if not found.ispkg:
            yield f"{name}.{found.name}"


def _in_order(found: Mapping[str, Job], owners: Mapping[str, str]) -> list[Job]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, job in found.items():
        for table in job.input_tables.values():
            if table not in owners:
                raise BuildError(f"{job.table} reads {table}, which no job owns")
        sorter.add(name, *sorted({owners[t] for t in job.input_tables.values()} - {name}))
    try:
        return [found[name] for name in sorter.static_order()]
    except CycleError as error:
        raise BuildError(f"the graph runs in a circle: {' -> '.join(error.args[1])}") from None
