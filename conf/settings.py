"""Settings of the machine rather than of the bank: Spark, the runner, retention. conf/base.yml and what is laid over."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from conf.bank import TREE
from conf.contracts import Frozen
from conf.errors import ConfError
from conf.located import load_all


class RunnerSettings(Frozen):
    """How a run goes: how many tables at once."""

    parallel: int = Field(default=2, ge=1, le=64)


class LedgerSettings(Frozen):
    """Where the ledger lives; null: an SQLite file in the lake."""

    url: str | None = None


class TrackingSettings(Frozen):
    """Where models are tracked; null: an SQLite file in the lake."""

    uri: str | None = None


class MaintenanceSettings(Frozen):
    """Retention of old files and logs."""

    vacuum_hours: int = Field(default=168, ge=0)


class Settings(Frozen):
    """One machine or cluster: everything that differs between a laptop and a cluster is here."""

    spark: dict[str, str] = Field(default_factory=dict)
    runner: RunnerSettings = RunnerSettings()
    ledger: LedgerSettings = LedgerSettings()
    tracking: TrackingSettings = TrackingSettings()
    maintenance: MaintenanceSettings = MaintenanceSettings()


def load_settings(overlays: tuple[Path, ...] = (), profile: str | None = None) -> Settings:
    """conf/base.yml, then conf/<profile>.yml (environment ONEBOOK_PROFILE, default local), then the overlays'."""
    chosen = profile or os.environ.get("ONEBOOK_PROFILE", "local")
    trees = (TREE, *overlays)
    if not any((tree / f"{chosen}.yml").is_file() for tree in trees):
        known = sorted(f.stem for tree in trees for f in tree.glob("*.yml") if f.stem != "base")
        raise ConfError(
            "conf", None, "ONEBOOK_PROFILE", f"no profile {chosen!r}", f"known are {', '.join(known)}"
        )
    files = [tree / f"{name}.yml" for tree in trees for name in ("base", chosen)]
    return load_all([f for f in files if f.is_file()]).read(Settings)
