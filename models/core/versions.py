"""The registered versions of each model, which of them were champion in turn, and going back to one.

Every change of champion is a tag of the registered model (`change.0001` …): the registry alone says who put which version
in force, when and why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from mlflow.exceptions import MlflowException

from jobs.core.errors import UsageError
from jobs.core.storage import join, read_bytes
from models.core.champions import ALIAS, load
from models.core.gate import Verdict
from models.core.tracking import TABLE_TAG

CHANGE: Final = "change."
METRIC, PROMOTED, REASON = "gate.metric", "gate.promoted", "gate.reason"
LOW, HIGH = "_low", "_high"
CARD: Final = "card.md"
MOST_REASON: Final = 2000
"""Characters: MLflow takes tags of 5000."""
SQLITE: Final = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Change:
    """One version put in force: in place of which, when, by whom and why."""

    version: int
    before: int | None
    how: Literal["promotion", "rollback"]
    at: str
    by: str
    reason: str


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


def versions(tracking_uri: str) -> list[Version]:
    """Every registered version, by model and number. Raises UsageError where nothing was ever registered."""
    client = _client(tracking_uri)
    found = [_version(client, m, v) for m in _models(client) for v in _of(client, m.name)]
    return sorted(found, key=lambda v: (v.model, v.version))


def changes(name: str, tracking_uri: str) -> list[Change]:
    """Each change of the model's champion, oldest first."""
    return _changes(_model(_client(tracking_uri), name))


def last_trained(tracking_uri: str) -> dict[str, date]:
    """Model → the date as of which its newest registered version was trained; empty where nothing was registered."""
    try:
        found = versions(tracking_uri)
    except UsageError:
        return {}
    return {v.model: date.fromisoformat(v.as_of) for v in found if v.as_of}


def promote(name: str, version: int, tracking_uri: str, *, at: datetime, reason: str) -> None:
    """Make `version` the champion because the gate said so; its predecessor stays registered."""
    client = MlflowClient(tracking_uri)
    before = client.get_registered_model(name).aliases.get(ALIAS)
    change = Change(version, _number(before), "promotion", at.isoformat(), "gate", reason[:MOST_REASON])
    _put_in_force(client, name, change)


def roll_back(name: str, tracking_uri: str, *, to: int | None, by: str, reason: str, at: datetime) -> Change:
    """Put the champion's predecessor, or the former champion `to`, in force again; the next scoring uses it.

    Raises UsageError for an unknown model or version, for one that the gate never promoted, and where there is no
    predecessor; ChampionError where the version's record is gone.
    """
    client = _client(tracking_uri)
    model = _model(client, name)
    if not reason.strip():
        raise UsageError("a rollback needs its reason", "say it with --reason")
    now = _number(model.aliases.get(ALIAS))
    if now is None:
        raise UsageError(f"{name} has no champion to go back from", "train it: `onebook train`")
    version = _predecessor(model, now) if to is None else _former(client, model, now, to)
    load(name, tracking_uri, version)
    change = Change(version, now, "rollback", at.isoformat(), by, reason.strip()[:MOST_REASON])
    _put_in_force(client, name, change)
    return change


def card_of(name: str, tracking_uri: str, version: int | None = None) -> str:
    """The model card of `version`, by default the champion's, else the newest. Raises UsageError where there is none."""
    client = _client(tracking_uri)
    model = _model(client, name)
    known = {int(v.version): v for v in _of(client, name)}
    chosen = version or _number(model.aliases.get(ALIAS)) or max(known)
    if chosen not in known:
        raise _unknown(name, chosen, known)
    run = client.get_run(str(known[chosen].run_id))
    try:
        return read_bytes(join(str(run.info.artifact_uri), CARD)).decode()
    except FileNotFoundError:
        raise UsageError(f"{name} version {chosen} has no card", "restore the models' folder") from None


def _client(tracking_uri: str) -> MlflowClient:
    if tracking_uri.startswith(SQLITE) and not Path(tracking_uri.removeprefix(SQLITE)).is_file():
        raise UsageError("no model was ever trained here", "train them: `onebook train`")
    return MlflowClient(tracking_uri)


def _models(client: MlflowClient) -> list[RegisteredModel]:
    return list(client.search_registered_models(max_results=1000))


def _model(client: MlflowClient, name: str) -> RegisteredModel:
    try:
        return client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        known = ", ".join(sorted(m.name for m in _models(client))) or "none yet"
        raise UsageError(f"no model {name!r} is registered", f"registered are {known}") from None


def _of(client: MlflowClient, name: str) -> list[ModelVersion]:
    return list(client.search_model_versions(f"name = '{name}'", max_results=10_000))


def _version(client: MlflowClient, model: RegisteredModel, found: ModelVersion) -> Version:
    run: Run = client.get_run(str(found.run_id))
    tags, figures = run.data.tags, run.data.metrics
    metric = tags.get(METRIC)
    return Version(
        model=model.name,
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


def _changes(model: RegisteredModel) -> list[Change]:
    told: Mapping[str, Any] = model.tags
    return [Change(**json.loads(told[k])) for k in sorted(told) if k.startswith(CHANGE)]


def _put_in_force(client: MlflowClient, name: str, change: Change) -> None:
    """The tag goes first: an alias without its reason is never seen, a reason without its alias is harmless."""
    number = len(_changes(client.get_registered_model(name))) + 1
    client.set_registered_model_tag(name, f"{CHANGE}{number:04d}", json.dumps(asdict(change)))
    client.set_registered_model_alias(name, ALIAS, str(change.version))


def _line(history: Sequence[Change]) -> list[int]:
    """Champions in their order of succession: going back takes away those that came after."""
    line: list[int] = []
    for change in history:
        if change.how == "rollback" and change.version in line:
            line = line[: line.index(change.version) + 1]
        else:
            line.append(change.version)
    return line


def _predecessor(model: RegisteredModel, now: int) -> int:
    line = _line(_changes(model))
    place = line.index(now) if now in line else 0
    if not place:
        raise UsageError(
            f"version {now} of {model.name} has no predecessor", "name a former champion with --to"
        )
    return line[place - 1]


def _former(client: MlflowClient, model: RegisteredModel, now: int, to: int) -> int:
    known = {int(v.version) for v in _of(client, model.name)}
    if to not in known:
        raise _unknown(model.name, to, known)
    if to == now:
        raise UsageError(f"version {to} of {model.name} is champion already", "nothing to go back from")
    if to not in (former := {c.version for c in _changes(model)}):
        told = ", ".join(map(str, sorted(former - {now}))) or "none"
        raise UsageError(
            f"the gate never promoted version {to} of {model.name}", f"former champions are {told}"
        )
    return to


def _unknown(name: str, version: int, known: Any) -> UsageError:
    told = ", ".join(map(str, sorted(known))) or "none"
    return UsageError(f"{name} has no version {version}", f"registered are {told}")


def _number(version: str | int | None) -> int | None:
    return None if version is None else int(version)
