from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jobs.core import beside

LEAVES_ITS_FILES = """
import os, signal
from pathlib import Path
from jobs.core.beside import new_location
Path(new_location("names")).write_text("somebody")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(beside, "_area", beside._area.__wrapped__)
    return tmp_path


def test_what_a_killed_process_left_the_next_one_removes(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVES_ITS_FILES], check=False)
    assert [f.read_text() for f in folder.glob("*/names-*")] == ["somebody"]
    mine = Path(beside.new_location("names"))
    assert [f.name for f in folder.iterdir()] == [mine.parent.name]


def test_what_a_living_process_uses_stays(folder: Path) -> None:
    first = Path(beside.new_location("names"))
    first.write_text("somebody")
    beside.new_location("names")
    assert first.read_text() == "somebody"


def test_what_does_not_fit_in_memory_spills_to_a_folder_of_its_owner_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "MEMORY", "40MB")
    with beside.opened() as connection:
        connection.execute(
            "CREATE TABLE wide AS SELECT i, repeat(hash(i)::VARCHAR, 4) AS t FROM range(2_000_000) r(i)"
        )
        [(spilt,)] = connection.execute("SELECT sum(size) FROM duckdb_temporary_files()").fetchall()
        [(path,)] = connection.execute(
            "SELECT DISTINCT parse_dirpath(path) FROM duckdb_temporary_files()"
        ).fetchall()
    assert spilt > 10_000_000
    assert Path(path).is_relative_to(folder)
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700
