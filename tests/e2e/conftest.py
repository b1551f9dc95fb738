"""One small book made by the daily DAG itself: the tests that look at a whole lake share it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2025-09-30"
RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
dag = DagBag("dags").dags["onebook_daily"]
run = dag.test(run_conf={"bank": "demo", "as_of": sys.argv[1]})
tasks = {f"{t.task_id}/{t.map_index}" if t.map_index >= 0 else t.task_id: str(t.state)
         for t in run.get_task_instances()}
print(json.dumps({"state": str(run.state), "tasks": tasks}))
"""


@dataclass(frozen=True)
class Book:
    """What the daily DAG made: its lake, and the state of the run and of each task."""

    lake: Path
    state: str
    tasks: dict[str, str]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """300 customers, three months, brought to the last day by dag.test() in processes of its own."""
    folder = tmp_path_factory.mktemp("book")
    home = folder / "airflow"
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "ONEBOOK"))},
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "ONEBOOK_EXTRACTS": str(folder / "extracts"),
        "ONEBOOK_LAKE": str(folder / "lake"),
        "ONEBOOK_INGEST_TASKS": "2",
    }
    size = ["--customers", "300", "--from", "2025-07-01", "--to", AS_OF, "--out", str(folder / "extracts")]
    _call(folder, env, "-m", "jobs", "demo", *size)
    _call(folder, env, "-m", "airflow", "db", "migrate")
    said = json.loads(_call(folder, env, "-c", RUN, AS_OF).splitlines()[-1])
    return Book(folder / "lake", said["state"], said["tasks"])


def _call(folder: Path, env: dict[str, str], *arguments: str) -> str:
    """Standard output of a Python process; its whole log in the error where it fails."""
    with (folder / "log.txt").open("a+") as log:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=False,
        )
        log.seek(0)
        assert done.returncode == 0, f"{arguments}:\n{log.read()[-8000:]}"
    return done.stdout
