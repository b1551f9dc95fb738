"""kill -9 in the middle of a run, and the run again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.core import storage
from jobs.core.catalog import Lake
from tests.conftest import ROOT, shared

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TABLES = {"silver.account": 1229, "silver.party": 1489, "silver.transaction": 46997, "silver.loan": 37}
LAST = "silver.transaction"


def started(lake: Path) -> subprocess.Popen[str]:
    """A run up to silver, in a process group of its own."""
    command = [sys.executable, "-m", "jobs", "run", "--bank", "berka", "--extracts", str(shared("berka"))]
    command += ["--lake", str(lake), "--as-of", "1994-03-30", "--to-table", ",".join(TABLES), "--json"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def test_a_run_killed_midway_is_completed_by_the_next(spark: SparkSession, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    lake = Lake(storage.as_uri(folder))
    for table in ("bronze.berka_trans", "silver.account"):  # once while taking in, once while building
        run = started(folder)
        while run.poll() is None and lake.version(table) is None:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    last = started(folder)
    out, _ = last.communicate()
    assert last.returncode == 0
    told = [json.loads(line) for line in out.splitlines()]
    assert all(t["in"] == t["out"] + t["quarantined"] + t["deduplicated"] for t in told)
    assert {t: lake.read(spark, t).count() for t in TABLES} == TABLES
    assert lake.read(spark, "bronze.berka_trans").count() == 46997
