"""Changes of a model's champion, as the registry keeps them: tags `change.0001` … of the registered model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from mlflow import MlflowClient
from mlflow.entities.model_registry import RegisteredModel

from models.core.champions import ALIAS

CHANGE: Final = "change."


@dataclass(frozen=True, slots=True)
class Change:
    """One version put in force: in place of which, when, by whom and why."""

    version: int
    before: int | None
    how: Literal["promotion", "rollback"]
    at: str
    by: str
    reason: str


def changes_of(model: RegisteredModel) -> list[Change]:
    """Oldest first."""
    told: Mapping[str, Any] = model.tags
    return [Change(**json.loads(told[k])) for k in sorted(told) if k.startswith(CHANGE)]


def put_in_force(client: MlflowClient, registered: str, change: Change) -> None:
    """The tag goes first: an alias without its reason is never seen, a reason without its alias is harmless."""
    number = len(changes_of(client.get_registered_model(registered))) + 1
    client.set_registered_model_tag(registered, f"{CHANGE}{number:04d}", json.dumps(asdict(change)))
    client.set_registered_model_alias(registered, ALIAS, str(change.version))


def succession(history: Sequence[Change]) -> list[int]:
    """Champions in their order of succession: going back takes away those that came after."""
    line: list[int] = []
    for change in history:
        if change.how == "rollback" and change.version in line:
            line = line[: line.index(change.version) + 1]
        else:
            line.append(change.version)
    return line
