"""Every benchmark runs as its documents say: as a script."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["encoded", "headline", "matching", "models", "models_oracle", "scoring"])
def test_a_benchmark_starts_as_a_script(name: str) -> None:
    told = subprocess.run(
        [sys.executable, f"bench/{name}.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr[-500:]
    assert "usage" in told.stdout.lower()
