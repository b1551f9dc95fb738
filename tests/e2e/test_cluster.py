"""The same code on a Spark standalone master and worker, in processes of their own: the same tables."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

from jobs.core import session
from jobs.demo import make
from tests.conftest import ROOT
from tests.e2e.books import differing, open_book, sound

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]
LAST = date(2025, 9, 2)


def daemon(folder: Path, name: str, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
    """A Spark daemon in a process group of its own, its log beside it."""
    home = Path(next(iter(pyspark.__path__)))
    jars = os.pathsep.join([f"{home}/jars/*", *map(str, session.jars_folder().glob("*.jar"))])
    log = folder / f"{name}.log"
    env = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    # What Spark's own start scripts set: a worker starts its executors by it.
    scala = next((home / "jars").glob("spark-core_*.jar")).name.split("_")[1].split("-")[0]
    env |= {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "SPARK_SCALA_VERSION": scala}
    java = str(Path(session.java_home()) / "bin" / "java")
    command = [java, "-Xmx512m", "-cp", jars, f"org.apache.spark.deploy.{name}.{name.title()}", *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(
            command, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        ), log


def found(log: Path, pattern: str) -> str:
    """The first match in a log, waiting for it."""
    for _ in range(600):
        if match := re.search(pattern, log.read_text(errors="replace")):
            return match.group(1)
        time.sleep(0.1)
    raise AssertionError(f"{log.name} never said {pattern}:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """A master and one worker on loopback; the master's address."""
    here = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    first, log = daemon(tmp_path, "master", *here)
    started = [first]
    try:
        address = found(log, r"Starting Spark master at (spark://\S+)")
        second, worker_log = daemon(tmp_path, "worker", *here, "--cores", "2", "--memory", "2g", address)
        started.append(second)
        found(worker_log, r"Successfully registered with master (\S+)")
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def test_the_cluster_makes_the_same_tables_as_one_machine(
    spark: SparkSession, tmp_path: Path, master: str
) -> None:
    make(tmp_path / "extracts", 120, date(2025, 6, 1), LAST, 7, LAST)
    overlay = tmp_path / "conf"
    overlay.mkdir()
    settings = [
        "spark:",
        f"  spark.master: {master}",
        "  spark.driver.host: 127.0.0.1",
        "  spark.driver.bindAddress: 127.0.0.1",
    ]
    settings += [
        '  spark.sql.shuffle.partitions: "2"',
        "  spark.executor.memory: 1g",
        '  spark.ui.enabled: "false"',
    ]
    (overlay / "cluster.yml").write_text("\n".join(settings) + "\n")
    command = [
        sys.executable,
        "-m",
        "jobs",
        "run",
        "--bank",
        "demo",
        "--extracts",
        str(tmp_path / "extracts"),
    ]
    command += ["--lake", str(tmp_path / "cluster"), "--conf", str(overlay), "--as-of", LAST.isoformat()]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "ONEBOOK_PROFILE": "cluster"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    here = open_book(spark, "demo", tmp_path / "extracts", tmp_path / "local")
    assert sound(here.run(LAST).entries) == []
    there = open_book(spark, "demo", tmp_path / "extracts", tmp_path / "cluster")
    assert there.where.lake.tables() == here.where.lake.tables()
    tables = [t for t in here.where.lake.tables() if not t.startswith(("quarantine.", "quality."))]
    assert {t: n for t in tables if (n := differing(there.table(t), here.table(t)))} == {}
