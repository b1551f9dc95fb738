"""A day in which something is refused: Airflow's own run of the daily DAG, with a stand-in for spark-submit."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dags.stages import read_graph, stages

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import json
from airflow.dag_processing.dagbag import DagBag
run = DagBag("dags").dags["onebook_daily"].test(run_conf={"bank": "demo", "as_of": "2025-09-30"})
tasks = {t.task_id: str(t.state) for t in run.get_task_instances()}
print(json.dumps({"state": str(run.state), "tasks": tasks}))
"""
SUBMIT = """
case "$*" in *{where}*) exit {code} ;; esac
"""
STAGES = [stage.name for stage in stages(read_graph())]


def day(folder: Path, where: str, code: int) -> tuple[str, dict[str, str]]:
    """(state of the run, state of each task) where the commands that name `where` end with an exit code."""
    submit = folder / "submit.sh"
    submit.write_text(SUBMIT.format(where=where, code=code), encoding="utf-8")
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "ONEBOOK"))},
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder}/airflow.db",
        "ONEBOOK_SPARK_SUBMIT": shlex.join(["sh", str(submit)]),
        "ONEBOOK_INGEST_TASKS": "1",
    }
    for call in (["-m", "airflow", "db", "migrate"], ["-c", RUN]):
        done = subprocess.run(
            [sys.executable, *call], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(done.stdout.splitlines()[-1])
    return said["state"], said["tasks"]


@pytest.mark.parametrize("where", ["--ingest-only", "silver.party,"])
def test_what_is_refused_stops_nothing_but_fails_the_run_in_the_end(tmp_path: Path, where: str) -> None:
    state, found = day(tmp_path, where, 3)
    refused = "ingest" if where == "--ingest-only" else "silver"
    others = {"ready", "deliveries", "ingest", *STAGES, "quality_docs", "cockpit"} - {refused}
    assert found == {**dict.fromkeys(others, "success"), refused: "skipped", "verdict": "failed"}
    assert state == "failed"


def test_a_wrong_setting_stops_the_day(tmp_path: Path) -> None:
    state, found = day(tmp_path, "silver.party,", 2)
    assert (state, found["silver"]) == ("failed", "failed")
    assert {found[name] for name in STAGES[1:]} == {"upstream_failed"}
    assert found["ingest"] == "success"
