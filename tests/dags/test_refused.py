"""A day in which something is refused: Airflow's own run of the daily DAG, with a stand-in for spark-submit."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from dags.stages import read_graph, stages
from tests.scheduled import daily, environment

SUBMIT = """
case "$*" in *{where}*) exit {code} ;; esac
"""
STAGES = [stage.name for stage in stages(read_graph())]


def day(folder: Path, where: str, code: int) -> tuple[str, dict[str, str]]:
    """(state of the run, state of each task) where the commands that name `where` end with an exit code."""
    submit = folder / "submit.sh"
    submit.write_text(SUBMIT.format(where=where, code=code), encoding="utf-8")
    env = environment(folder, ONEBOOK_SPARK_SUBMIT=shlex.join(["sh", str(submit)]), ONEBOOK_INGEST_TASKS="1")
    state, found = daily(folder, env, "2025-09-30")
    return state, {name.removesuffix("/0"): told for name, told in found.items()}


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
