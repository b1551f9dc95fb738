"""Models registered before names carried the bank: taken over once, with the numbers that the ledger has pinned.

A registry of that time holds `churn` where `demo.churn` is looked for now. What its runs' tag `bank` says is this
bank's is registered anew over the same files; the old name stays, for whoever else reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion, RegisteredModel

from jobs.core.errors import UsageError
from models.core.champions import ALIAS
from models.core.history import CHANGE, Change, changes_of, succession
from models.core.registered import bank_of, client_of, every_model, versions_of
from models.core.registry import DOT, Registry
from models.core.tracking import CHALLENGER

REMEDY: Final = "take them over, once: `onebook models adopt --bank {}`"


@dataclass(frozen=True, slots=True)
class Adopted:
    """One model taken over: its versions that are the bank's, and its champion."""

    model: str
    versions: tuple[int, ...]
    champion: int | None


def refuse_unadopted(registry: Registry, names: Iterable[str] | None = None) -> None:
    """Raise UsageError where the bank's versions of `names` (default: of any) stand under the old names alone."""
    waiting = _waiting(client_of(registry), registry, None if names is None else set(names))
    if waiting:
        told = ", ".join(f"{m.name} ({len(own)} versions)" for m, own in waiting)
        raise UsageError(
            f"the registry has models of {registry.bank} under names without the bank: {told}",
            REMEDY.format(registry.bank),
        )


def adopt(registry: Registry) -> list[Adopted]:
    """Take over what stands under the old names; again, it finds nothing to do."""
    client = client_of(registry)
    return [_adopted(client, registry, model, own) for model, own in _waiting(client, registry, None)]


def _waiting(
    client: MlflowClient, registry: Registry, names: set[str] | None
) -> list[tuple[RegisteredModel, Sequence[int]]]:
    """Models under a name without a bank and not yet taken over, with the numbers that are this bank's."""
    known = {m.name: m for m in every_model(client)}
    old = [m for n, m in known.items() if DOT not in n and registry.registered(n) not in known]
    asked = [m for m in old if names is None or m.name in names]
    owned = [(m, _own(client, registry, versions_of(client, m.name))) for m in asked]
    return [(m, own) for m, own in owned if own]


def _own(client: MlflowClient, registry: Registry, versions: Sequence[ModelVersion]) -> list[int]:
    return [int(v.version) for v in versions if bank_of(client, v) == registry.bank]


def _adopted(client: MlflowClient, registry: Registry, old: RegisteredModel, own: Sequence[int]) -> Adopted:
    name = registry.registered(old.name)
    client.create_registered_model(name)
    try:
        _copy_versions(client, old.name, name, own)
        champion = _copy_champions(client, old, name, own)
    except BaseException:  # half of it would pass for all of it
        client.delete_registered_model(name)
        raise
    return Adopted(old.name, tuple(own), champion)


def _copy_versions(client: MlflowClient, old: str, name: str, own: Sequence[int]) -> None:
    """Each under its own number. MLflow counts on and never gives a number twice: others' are made and deleted."""
    known = {int(v.version): v for v in versions_of(client, old)}
    for number in range(1, max(own) + 1):
        found = known[number if number in own else own[0]]
        client.create_model_version(name, str(found.source), run_id=found.run_id)
        if number not in own:
            client.delete_model_version(name, str(number))


def _copy_champions(client: MlflowClient, old: RegisteredModel, name: str, own: Sequence[int]) -> int | None:
    """The bank's own changes of champion, and the one that is in force."""
    history = [c for c in changes_of(old) if c.version in own]
    for place, change in enumerate(history, start=1):
        before = history[place - 2].version if place > 1 else None
        told = json.dumps(asdict(replace(change, before=before)))
        client.set_registered_model_tag(name, f"{CHANGE}{place:04d}", told)
    client.set_registered_model_alias(name, CHALLENGER, str(own[-1]))
    champion = _in_force(old, history, own)
    if champion is not None:
        client.set_registered_model_alias(name, ALIAS, str(champion))
    return champion


def _in_force(old: RegisteredModel, history: Sequence[Change], own: Sequence[int]) -> int | None:
    """The champion if it is the bank's; else the bank's last one, whose place another bank's took."""
    alias = old.aliases.get(ALIAS)
    if alias is not None and int(alias) in own:
        return int(alias)
    line = succession(history)
    return line[-1] if line else None
