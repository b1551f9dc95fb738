"""The DAG bag imports clean, quickly and without Spark; runs are retried by the kind of error."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, RetryAction
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from dags import tasks
from dags.process import CommandError
from dags.stages import read_graph, spread, stages
from dags.tasks import BOOK, ByExitCode, business_date, ends_month, ends_week, opening

ROOT = Path(__file__).resolve().parents[2]
PARSE = """
import json, sys, time
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
start = time.perf_counter()
bag = DagBag("dags")
print(json.dumps({"seconds": time.perf_counter() - start, "errors": bag.import_errors,
                  "heavy": [m for m in ("pyspark", "mlflow", "lightgbm", "pandas", "jobs") if m in sys.modules]}))
"""


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(ROOT / "dags"))


def dag_of(bag: DagBag, name: str) -> DAG:
    return bag.dags[f"onebook_{name}"]


def test_the_bag_holds_three_dags_and_no_error(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == ["onebook_daily", "onebook_maintain", "onebook_train"]


def test_parsing_takes_a_moment_and_loads_neither_spark_nor_our_jobs(tmp_path: Path) -> None:
    env = {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-c", PARSE], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["errors"] == {}
    assert said["heavy"] == []
    assert said["seconds"] < 10  # 0.1 s alone; a full machine may be slow


def test_the_daily_dag_has_a_task_for_each_stage_behind_those_it_reads(bag: DagBag) -> None:
    dag = dag_of(bag, "daily")
    made = stages(read_graph())
    assert set(dag.task_dict) == {
        "ready",
        "deliveries",
        "ingest",
        "cockpit",
        "quality_docs",
        "verdict",
        *(s.name for s in made),
    }
    assert dag.task_dict["verdict"].upstream_task_ids == {"cockpit", "quality_docs"}
    for last in ("cockpit", "quality_docs"):
        assert dag.task_dict[last].upstream_task_ids == {made[-1].name}
    for stage in made:
        assert dag.task_dict[stage.name].upstream_task_ids == set(stage.after)
    assert [t.task_id for t in dag.tasks if t.is_mapped] == ["ingest"]


def test_only_the_last_stage_says_that_the_book_is_made_and_the_others_wait_for_it(bag: DagBag) -> None:
    outlets = {t.task_id: [a.name for a in t.outlets] for t in dag_of(bag, "daily").tasks if t.outlets}
    assert outlets == {stages(read_graph())[-1].name: ["onebook_book"]}
    for name in ("train", "maintain"):
        assert dag_of(bag, name).timetable.asset_condition == BOOK


def test_no_catch_up_one_run_at_a_time_and_it_survives_serialisation(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert (dag.catchup, dag.max_active_runs) == (False, 1)
        restored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        assert set(restored.task_dict) == set(dag.task_dict)


def test_a_backfill_makes_one_partition_for_each_business_date_both_ends_included(bag: DagBag) -> None:
    timetable = DagSerialization.deserialize_dag(
        DagSerialization.serialize_dag(dag_of(bag, "daily"))
    ).timetable
    infos = timetable.iter_partition_dagrun_infos(
        earliest=pendulum.datetime(2026, 2, 27), latest=pendulum.datetime(2026, 3, 2)
    )
    assert [i.partition_key for i in infos] == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]


def test_the_nights_run_is_for_the_date_that_midnight_closed(bag: DagBag) -> None:
    timetable = DagSerialization.deserialize_dag(
        DagSerialization.serialize_dag(dag_of(bag, "daily"))
    ).timetable
    start = pendulum.datetime(2026, 3, 1, 16, tz="UTC")  # midnight, 2 March, in Shanghai
    info = timetable.next_dagrun_info_v2(
        last_dagrun_info=None, restriction=TimeRestriction(earliest=start, latest=None, catchup=True)
    )
    assert info is not None
    assert (info.partition_key, info.run_after) == ("2026-03-01", start)


@pytest.mark.parametrize(
    ("code", "attempt", "action"),
    [
        (2, 1, RetryAction.FAIL),
        (3, 1, RetryAction.FAIL),
        (4, 1, RetryAction.RETRY),
        (4, 3, RetryAction.RETRY),
        (1, 1, RetryAction.RETRY),
        (1, 2, RetryAction.FAIL),
        (-9, 1, RetryAction.RETRY),
    ],
)
def test_a_refused_delivery_fails_at_once_and_a_lock_is_tried_again(
    code: int, attempt: int, action: RetryAction
) -> None:
    assert ByExitCode().evaluate(CommandError(code, ["onebook", "run"]), attempt, 3).action is action


def test_the_partition_key_is_the_business_date_and_as_of_stands_in_for_it() -> None:
    def run(key: str | None, as_of: str | None) -> dict[str, object]:
        return {"dag_run": SimpleNamespace(partition_key=key), "params": {"as_of": as_of}}

    assert business_date(run("2026-03-01", "2020-01-01")) == date(2026, 3, 1)
    assert business_date(run(None, "2020-01-01")) == date(2020, 1, 1)
    with pytest.raises(ValueError, match="give the business date"):
        business_date(run(None, None))


def test_training_asks_what_is_due_unless_it_is_forced(bag: DagBag, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def onebook(*given: str) -> list[object]:
        asked.append(given)
        return []

    monkeypatch.setattr(tasks, "onebook", onebook)
    start: Any = dag_of(bag, "train").task_dict["train"]
    for force in (False, True):
        context = {"params": {"force": force}, "dag_run": SimpleNamespace(partition_key="2026-03-31")}
        monkeypatch.setattr(tasks, "get_current_context", lambda now=context: now)
        list(start.python_callable())
    assert asked == [("train", "--if-due", "--as-of", "2026-03-31"), ("train", "--as-of", "2026-03-31")]


def test_deliveries_are_spread_over_few_tasks_and_a_system_stays_whole() -> None:
    assert spread(["core", "core", "core", "crm", "cards", "crm"], 2) == [["core"], ["crm", "cards"]]
    assert spread(["core"], 4) == [["core"]]
    assert spread([], 4) == []


def test_training_ends_a_month_and_maintenance_a_week() -> None:
    leap = [date(2028, 2, 28) + timedelta(days=n) for n in range(3)]
    assert [ends_month(d) for d in leap] == [False, True, False]
    assert [ends_week(date(2026, 3, 1) + timedelta(days=n)) for n in range(2)] == [True, False]


def test_deliveries_are_expected_in_the_morning_of_the_banks_own_next_day() -> None:
    assert opening(date(2026, 3, 1)).isoformat() == "2026-03-02T04:00:00+08:00"
