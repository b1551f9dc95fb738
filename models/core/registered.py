"""What MLflow's registry holds of one bank: its models and their versions, asked through mlflow itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

from jobs.core.errors import UsageError
from models.core.registry import Registry

PAGE: Final = 100
BANK: Final = "bank"
"""The tag of a run that says whose it is."""
Entity = TypeVar("Entity")


class NeverTrained(UsageError):  # noqa: N818 - what is so, not what went wrong
    """The registry has no model of a bank."""

    def __init__(self, bank: str) -> None:
        super().__init__(
            f"no model of {bank} was ever trained here", f"train them: `onebook train --bank {bank}`"
        )


def client_of(registry: Registry) -> MlflowClient:
    """A client of the registry. Raises NeverTrained where its file isn't there: none is made by asking."""
    if registry.file is not None and not registry.file.is_file():
        raise NeverTrained(registry.bank)
    return MlflowClient(registry.uri)


def every_model(client: MlflowClient) -> list[RegisteredModel]:
    """All registered models, other banks' too."""
    return list(_pages(lambda token: client.search_registered_models(max_results=PAGE, page_token=token)))


def models_of(client: MlflowClient, registry: Registry) -> list[tuple[str, RegisteredModel]]:
    """The bank's own: what people call each, and it."""
    named = ((registry.model(found.name), found) for found in every_model(client))
    return [(name, found) for name, found in named if name is not None]


def model_of(client: MlflowClient, registry: Registry, name: str) -> RegisteredModel:
    """The bank's model `name`. Raises UsageError naming those that there are."""
    try:
        return client.get_registered_model(registry.registered(name))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        known = ", ".join(sorted(known for known, _ in models_of(client, registry))) or "none yet"
        raise UsageError(f"no model {name!r} is registered", f"registered are {known}") from None


def versions_of(client: MlflowClient, registered: str) -> list[ModelVersion]:
    """Every version of a model, by its name in the registry, oldest first."""
    asked = f"name = '{registered}'"
    found = _pages(lambda token: client.search_model_versions(asked, max_results=PAGE, page_token=token))
    return sorted(found, key=lambda v: int(v.version))


def bank_of(client: MlflowClient, version: ModelVersion) -> str | None:
    """The bank whose training made it, as its run says; None where the run is gone or doesn't say."""
    try:
        told = client.get_run(str(version.run_id)).data.tags.get(BANK)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return None if told is None else str(told)


def _pages(ask: Callable[[str | None], PagedList[Entity]]) -> Iterator[Entity]:
    token: str | None = None
    while True:
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return
