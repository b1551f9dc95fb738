"""Starting and ending Airflow's group of processes."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from setup import airflow

ORPHAN_MAKER = "sleep 300 & echo $! > child; wait"


def state(process: int) -> str:
    """A process's state letter; Z or nothing once it has ended."""
    status = Path(f"/proc/{process}/stat")
    return status.read_text().rsplit(")", 1)[1].split()[0] if status.exists() else ""


def test_children_end_with_the_leader(tmp_path: Path) -> None:
    leader = subprocess.Popen(["/bin/sh", "-c", ORPHAN_MAKER], cwd=tmp_path, start_new_session=True)
    deadline = time.monotonic() + 10
    while not (tmp_path / "child").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.1)
    child = int((tmp_path / "child").read_text())
    assert state(child) == "S"
    airflow.end_group(leader)
    assert leader.returncode is not None
    assert state(child) in {"", "Z"}


def test_airflow_stays_in_the_clone_and_on_the_loopback_interface() -> None:
    settings = airflow.settings()
    assert Path(settings["AIRFLOW_HOME"]).is_relative_to(airflow.ROOT)
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
