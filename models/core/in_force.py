"""Which version of a model is in force, and its record.

The registry (MLflow) says which version is champion. A local SQLite registry is asked directly, because importing
mlflow costs seconds on every run; any other registry is asked through mlflow itself.
"""

from __future__ import annotations

from typing import Final

from jobs.core.storage import join, read_bytes
from models.core.champions import ALIAS, FILE, Champion, ChampionError
from models.core.registry import Registry

CHAMPION_SQL: Final = """
    SELECT v.version, r.artifact_uri
    FROM registered_model_aliases a
    JOIN model_versions v ON v.name = a.name AND v.version = a.version
    JOIN runs r ON r.run_uuid = v.run_id
    WHERE a.name = ? AND a.alias = ?
"""
VERSION_SQL: Final = """
    SELECT v.version, r.artifact_uri FROM model_versions v JOIN runs r ON r.run_uuid = v.run_id
    WHERE v.name = ? AND v.version = ?
"""


def load(name: str, registry: Registry, version: int | None = None) -> Champion | None:
    """The champion of `name`, or that `version` of it; None where nothing was ever promoted.

    Raises ChampionError where `version` is not registered or its record can't be read.
    """
    found = _find(name, registry, version)
    if found is None and version is not None:
        raise ChampionError(f"model {name} has no version {version}", "train it, or name a registered one")
    return None if found is None else Champion.from_json(_read(name, *found), found[0])


def _find(name: str, registry: Registry, version: int | None) -> tuple[int, str] | None:
    """Version and artefact location of a run. Raises UsageError where it stands under a name without the bank."""
    if registry.file is None:
        from models.core.tracking import find_version  # noqa: PLC0415 – mlflow costs seconds

        found = find_version(name, registry, ALIAS, version)
    else:
        query, value = (CHAMPION_SQL, ALIAS) if version is None else (VERSION_SQL, version)
        row = next(iter(registry.rows(query, registry.registered(name), value)), None)
        found = None if row is None else (int(row[0]), str(row[1]))
    if found is None and registry.may_wait(name):
        from models.core.adoption import refuse_unadopted  # noqa: PLC0415 – mlflow costs seconds

        refuse_unadopted(registry, [name])
    return found


def _read(name: str, version: int, artifact_uri: str) -> str:
    try:
        return read_bytes(join(artifact_uri, FILE)).decode()
    except FileNotFoundError:
        raise ChampionError(
            f"the record of {name} version {version} is gone from {artifact_uri}",
            "restore the models' folder",
        ) from None
