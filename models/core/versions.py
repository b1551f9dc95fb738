"""The registered versions of each model, which of them were champion in turn, and going back to one.

Every change of champion is a tag of the registered model (`change.0001` …): the registry alone says who put which version
in force, when and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion, RegisteredModel

from jobs.core.errors import UsageError
from jobs.core.storage import join, read_bytes
from models.core.adoption import refuse_unadopted
from models.core.champions import ALIAS
from models.core.gate import Verdict
from models.core.history import Change, changes_of, put_in_force, succession
from models.core.in_force import load
from models.core.registered import NeverTrained, client_of, model_of, models_of, versions_of
from models.core.registry import Registry
from models.core.tracking import TABLE_TAG

METRIC, PROMOTED, REASON = "gate.metric", "gate.promoted", "gate.reason"
LOW, HIGH = "_low", "_high"
CARD: Final = "card.md"
MOST_REASON: Final = 2000
"""Characters: MLflow takes tags of 5000."""


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version: `as_of` it trained, `metric` of the gate with its interval on the later window.

    `data`: table → Delta version it was trained on. Figures are None where the training didn't say.
    """

    model: str
    version: int
    aliases: tuple[str, ...]
    as_of: str | None
    code: str | None
    metric: str | None
    value: float | None
    low: float | None
    high: float | None
    promoted: bool | None
    reason: str | None
    data: Mapping[str, int] = field(default_factory=dict)


def gate_tags(verdict: Verdict) -> dict[str, str]:
    """The verdict as tags of a run."""
    return {
        METRIC: verdict.metric,
        PROMOTED: str(verdict.promoted).lower(),
        REASON: verdict.reason[:MOST_REASON],
    }


def versions(registry: Registry) -> list[Version]:
    """Every registered version of the bank, by model and number.

    Raises NeverTrained where there is none, UsageError where they stand under names without the bank.
    """
    client = client_of(registry)
    refuse_unadopted(registry)
    own = models_of(client, registry)
    found = [_version(client, n, m, v) for n, m in own for v in versions_of(client, m.name)]
    if not found:
        raise NeverTrained(registry.bank)
    return sorted(found, key=lambda v: (v.model, v.version))


def changes(name: str, registry: Registry) -> list[Change]:
    """Each change of the model's champion, oldest first."""
    return changes_of(model_of(client_of(registry), registry, name))


def last_trained(registry: Registry) -> dict[str, date]:
    """Model → the date as of which its newest registered version was trained; empty where nothing was registered."""
    try:
        found = versions(registry)
    except NeverTrained:
        return {}
    return {v.model: date.fromisoformat(v.as_of) for v in found if v.as_of}


def promote(name: str, version: int, registry: Registry, *, at: datetime, reason: str) -> None:
    """Make `version` the champion because the gate said so; its predecessor stays registered."""
    client, registered = MlflowClient(registry.uri), registry.registered(name)
    before = client.get_registered_model(registered).aliases.get(ALIAS)
    change = Change(version, _number(before), "promotion", at.isoformat(), "gate", reason[:MOST_REASON])
    put_in_force(client, registered, change)


def roll_back(name: str, registry: Registry, *, to: int | None, by: str, reason: str, at: datetime) -> Change:
    """Put the champion's predecessor, or the former champion `to`, in force again; the next scoring uses it.

    Raises UsageError for an unknown model or version, for one that the gate never promoted, and where there is no
    predecessor; ChampionError where the version's record is gone.
    """
    client = client_of(registry)
    refuse_unadopted(registry, [name])
    model = model_of(client, registry, name)
    if not reason.strip():
        raise UsageError("a rollback needs its reason", "say it with --reason")
    now = _number(model.aliases.get(ALIAS))
    if now is None:
        raise UsageError(f"{name} has no champion to go back from", "train it: `onebook train`")
    version = _predecessor(name, model, now) if to is None else _former(client, name, model, now, to)
    load(name, registry, version)
    change = Change(version, now, "rollback", at.isoformat(), by, reason.strip()[:MOST_REASON])
    put_in_force(client, model.name, change)
    return change


def card_of(name: str, registry: Registry, version: int | None = None) -> str:
    """The model card of `version`, by default the champion's, else the newest. Raises UsageError where there is none."""
    client = client_of(registry)
    refuse_unadopted(registry, [name])
    model = model_of(client, registry, name)
    known = {int(v.version): v for v in versions_of(client, model.name)}
    chosen = version or _number(model.aliases.get(ALIAS)) or max(known)
    if chosen not in known:
        raise _unknown(name, chosen, known)
    run = client.get_run(str(known[chosen].run_id))
    try:
        return read_bytes(join(str(run.info.artifact_uri), CARD)).decode()
    except FileNotFoundError:
        raise UsageError(f"{name} version {chosen} has no card", "restore the models' folder") from None


def _version(client: MlflowClient, name: str, model: RegisteredModel, found: ModelVersion) -> Version:
    run: Run = client.get_run(str(found.run_id))
    tags, figures = run.data.tags, run.data.metrics
    metric = tags.get(METRIC)
    return Version(
        model=name,
        version=int(found.version),
        aliases=tuple(sorted(a for a, v in model.aliases.items() if int(v) == int(found.version))),
        as_of=tags.get("as_of"),
        code=tags.get("code"),
        metric=metric,
        value=figures.get(metric or ""),
        low=figures.get(f"{metric}{LOW}"),
        high=figures.get(f"{metric}{HIGH}"),
        promoted=None if PROMOTED not in tags else tags[PROMOTED] == "true",
        reason=tags.get(REASON),
        data={k.removeprefix(TABLE_TAG): int(v) for k, v in tags.items() if k.startswith(TABLE_TAG)},
    )


def _predecessor(name: str, model: RegisteredModel, now: int) -> int:
    line = succession(changes_of(model))
    place = line.index(now) if now in line else 0
    if not place:
        raise UsageError(f"version {now} of {name} has no predecessor", "name a former champion with --to")
    return line[place - 1]


def _former(client: MlflowClient, name: str, model: RegisteredModel, now: int, to: int) -> int:
    known = {int(v.version) for v in versions_of(client, model.name)}
    if to not in known:
        raise _unknown(name, to, known)
    if to == now:
        raise UsageError(f"version {to} of {name} is champion already", "nothing to go back from")
    if to not in (former := {c.version for c in changes_of(model)}):
        told = ", ".join(map(str, sorted(former - {now}))) or "none"
        raise UsageError(f"the gate never promoted version {to} of {name}", f"former champions are {told}")
    return to


def _unknown(name: str, version: int, known: Any) -> UsageError:
    told = ", ".join(map(str, sorted(known))) or "none"
    return UsageError(f"{name} has no version {version}", f"registered are {told}")


def _number(version: str | int | None) -> int | None:
    return None if version is None else int(version)
