"""`make airflow`: Airflow on this clone, until Ctrl-C.

One machine, SQLite, tasks as processes: for a look and for development. docs/guides/deploy.md says what a
bank's own Airflow needs. AIRFLOW_PORT chooses another port; `--until-healthy` ends once it answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".airflow"
LOG = HOME / "standalone.log"
PASSWORDS = HOME / "simple_auth_manager_passwords.json.generated"
PORT = int(os.environ.get("AIRFLOW_PORT", "8080"))
ADDRESS = f"http://localhost:{PORT}"
PATIENCE = 600  # seconds until it must answer: two minutes on two busy cores
GRACE = 30  # seconds to end in, before it's killed


def settings() -> dict[str, str]:
    """Airflow's settings as environment variables."""
    return {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",  # 32 forked workers otherwise
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ADDRESS}/execution/",
        "AIRFLOW__API__BASE_URL": ADDRESS,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(PORT),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",  # seconds; a new file shows after minutes otherwise
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        # Tasks start `onebook` by name, and it finds Python's packages beside itself.
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


@contextlib.contextmanager
def standalone() -> Iterator[subprocess.Popen[bytes]]:
    """Airflow's processes in a group of their own, ended as one: the leader alone would orphan the others."""
    HOME.mkdir(exist_ok=True)
    with LOG.open("wb") as log:
        leader = subprocess.Popen(
            [ROOT / ".venv" / "bin" / "airflow", "standalone"],
            cwd=ROOT,
            env=os.environ | settings(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield leader
        finally:
            end_group(leader)


def end_group(leader: subprocess.Popen[bytes]) -> None:
    """End every process of the group: asked first, killed after GRACE seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader.pid, number)
        deadline = time.monotonic() + GRACE
        while group_lives(leader) and time.monotonic() < deadline:
            time.sleep(0.2)


def group_lives(leader: subprocess.Popen[bytes]) -> bool:
    """Whether a process of the group is left; the leader's own end is noted on the way."""
    leader.poll()
    try:
        os.killpg(leader.pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_healthy() -> bool:
    """Whether the server answers, and says that the scheduler and the DAG processor are alive."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{ADDRESS}/api/v2/monitor/health", timeout=5) as reply:
            health = json.load(reply)
    except (OSError, ValueError):
        return False
    return all((health.get(part) or {}).get("status") == "healthy" for part in ("scheduler", "dag_processor"))


def wait_until_healthy(leader: subprocess.Popen[bytes]) -> bool:
    """Wait for Airflow to answer; False where it ended or PATIENCE ran out."""
    deadline = time.monotonic() + PATIENCE
    while leader.poll() is None and time.monotonic() < deadline:
        if is_healthy():
            return True
        time.sleep(1)
    return False


def port_is_taken() -> bool:
    """Whether something listens on the port already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def main() -> int:
    """Start, say where, wait, end."""
    if port_is_taken():
        print(f"airflow: port {PORT} is taken; say AIRFLOW_PORT=8081 make airflow", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Airflow is starting, which takes a minute or two; its log is {LOG.relative_to(ROOT)}", flush=True)
    with standalone() as leader, contextlib.suppress(KeyboardInterrupt):
        if not wait_until_healthy(leader):
            print(
                f"airflow: it did not come up; the end of {LOG.relative_to(ROOT)} says why", file=sys.stderr
            )
            return 1
        print(f"Airflow: {ADDRESS}  user admin, password in {PASSWORDS.relative_to(ROOT)}", flush=True)
        if "--until-healthy" not in sys.argv:
            print("Ctrl-C ends it.", flush=True)
            leader.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
