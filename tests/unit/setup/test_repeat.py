"""`setup/run` again, where all is done already: no network, nothing changed, from any folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "http://127.0.0.1:9"


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run set-up from a folder with further environment variables."""
    return subprocess.run(
        [ROOT / "setup" / "run"],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_run_does_nothing_and_needs_no_network(tmp_path: Path) -> None:
    finished = run(tmp_path, http_proxy=NOWHERE, https_proxy=NOWHERE, HOME="/nonexistent")
    assert finished.returncode == 0, finished.stderr
    assert "installing" not in finished.stdout
    assert "environment  up to date" in finished.stdout
    assert "jars         up to date" in finished.stdout


def test_a_python_that_will_not_do_is_named(tmp_path: Path) -> None:
    finished = run(tmp_path, PYTHON="/bin/false")
    assert finished.returncode == 1
    assert "PYTHON=/bin/false is no Python 3.11 or newer" in finished.stderr


def test_without_python_the_system_packages_are_named(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    (tmp_path / "cat").symlink_to("/bin/cat")
    finished = run(tmp_path, PATH=str(tmp_path), PYTHON="")
    assert finished.returncode == 1
    assert "python3-venv python3-pip" in finished.stderr
