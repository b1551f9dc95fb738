"""The daily DAG, run by Airflow itself with a home and a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
dag = DagBag("dags").dags["onebook_daily"]
run = dag.test(run_conf={"bank": "demo", "as_of": sys.argv[1]})
tasks = {f"{t.task_id}/{t.map_index}" if t.map_index >= 0 else t.task_id: str(t.state)
         for t in run.get_task_instances()}
print(json.dumps({"state": str(run.state), "tasks": tasks}))
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment with an Airflow at `home`, and `more`."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "ONEBOOK"))},
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        **more,
    }


def daily(folder: Path, env: dict[str, str], as_of: str) -> tuple[str, dict[str, str]]:
    """(state of the run, state of each task, mapped ones with their index) of the daily DAG by dag.test()."""
    call(folder, env, "-m", "airflow", "db", "migrate")
    said = json.loads(call(folder, env, "-c", RUN, as_of).splitlines()[-1])
    return said["state"], said["tasks"]


def call(folder: Path, env: dict[str, str], *arguments: str) -> str:
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
