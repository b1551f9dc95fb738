"""The lock files: hashed throughout, naming no index, and covering what pyproject asks for."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("onebook", "build", "java", "uv")


def pinned(name: str) -> dict[str, str]:
    """Each package's pin with what follows it, markers and hashes, by package."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and line[0] not in "# "]
    return {re.split(r"==", line)[0]: line for line in lines}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    lines = pinned(name).values()
    assert lines
    assert all(re.search(r"^[\w.-]+(\[[\w,-]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}", line) for line in lines)


@pytest.mark.parametrize("name", LOCKS)
def test_no_index_is_named(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "index" not in text.replace("apache-", "")


def test_the_lock_covers_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[=<>\[ ]", line)[0].replace(".", "-") for line in asked}
    assert names <= pinned("onebook").keys()


def test_nothing_unpacks_another_spark_over_ours() -> None:
    assert not {"pyspark-client", "apache-airflow-providers-apache-spark"} & pinned("onebook").keys()
