"""The import contracts of pyproject.toml: what they forbid, they find."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("conf", "dags", "expectations", "jobs", "models")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of this clone, to be spoiled."""
    folder = tmp_path_factory.mktemp("clone")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold a copy against the contracts."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("jobs/core/spoiled.py", "import jobs.silver", "Imports flow one way"),
        ("jobs/gold/spoiled.py", "import jobs.silver", "Imports flow one way"),
        ("conf/spoiled.py", "import jobs.core", "Imports flow one way"),
        ("expectations/spoiled.py", "import jobs.core", "Imports flow one way"),
        ("models/core/spoiled.py", "import models.churn", "Imports flow one way"),
        ("models/churn/spoiled.py", "import models.clv", "Imports flow one way"),
        ("dags/spoiled.py", "import jobs", "DAGs start the command line"),
        ("jobs/gold/spoiled.py", "import dags", "Nothing imports the DAGs"),
        ("jobs/gold/spoiled.py", "import airflow", "Airflow only in dags"),
        ("jobs/gold/spoiled.py", "import lightgbm", "MLflow, LightGBM and Splink only in models"),
        ("dags/spoiled.py", "import mlflow", "MLflow, LightGBM and Splink only in models"),
    ],
)
def test_a_forbidden_import_is_found(copy: Path, module: str, imports: str, contract: str) -> None:
    spoiled = copy / module
    spoiled.write_text(f"{imports}\n")
    try:
        finished = lint(copy)
    finally:
        spoiled.unlink()
    broken = [line for line in finished.stdout.splitlines() if line.endswith("BROKEN")]
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert any(line.startswith(contract) for line in broken), finished.stdout
