"""The Delta jars: copied or fetched, and always held to their checksums."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup import jars, stamp
from setup.console import SetupError

ROOT = Path(__file__).resolve().parents[3]
NO_JAVA = Path("/nonexistent")  # none of these may fetch


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with two small locked jars, and `source/`, which holds them."""
    (tmp_path / "source").mkdir()
    lock = ["# group:name:version sha256"]
    for name in ("spark", "storage"):
        file = tmp_path / "source" / f"{name}-1.0.jar"
        file.write_bytes(name.encode())
        lock.append(f"io.delta:{name}:1.0 {stamp.file_sha256(file)}")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "jars.txt").write_text("\n".join(lock) + "\n")
    return tmp_path


def test_jars_are_copied_from_the_folder_given(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARS_FROM", str(clone / "source"))
    jars.ensure(clone, NO_JAVA)
    assert sorted(path.name for path in (clone / ".jars").iterdir()) == ["spark-1.0.jar", "storage-1.0.jar"]


def test_jars_that_are_there_are_left_alone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARS_FROM", str(clone / "source"))
    jars.ensure(clone, NO_JAVA)
    monkeypatch.delenv("JARS_FROM")
    jars.ensure(clone, NO_JAVA)  # would have to fetch, which NO_JAVA can't


def test_another_version_is_removed(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARS_FROM", str(clone / "source"))
    (clone / ".jars").mkdir()
    (clone / ".jars" / "spark-0.9.jar").write_bytes(b"old")
    jars.ensure(clone, NO_JAVA)
    assert not (clone / ".jars" / "spark-0.9.jar").exists()


def test_a_jar_that_differs_is_refused_and_not_installed(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JARS_FROM", str(clone / "source"))
    (clone / "source" / "spark-1.0.jar").write_bytes(b"tampered")
    with pytest.raises(SetupError, match=r"spark-1\.0\.jar isn't the file .* locks"):
        jars.ensure(clone, NO_JAVA)
    assert not (clone / ".jars" / "spark-1.0.jar").exists()


def test_a_damaged_jar_is_replaced(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JARS_FROM", str(clone / "source"))
    jars.ensure(clone, NO_JAVA)
    (clone / ".jars" / "spark-1.0.jar").write_bytes(b"half a download")
    jars.ensure(clone, NO_JAVA)
    assert (clone / ".jars" / "spark-1.0.jar").read_bytes() == b"spark"


def test_the_clones_own_jars_are_the_locked_ones() -> None:
    for jar in jars.locked(ROOT / "requirements" / "jars.txt"):
        assert stamp.file_sha256(ROOT / ".jars" / jar.file) == jar.sha256


def test_a_proxy_is_handed_to_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.bank.example:8080")
    assert jars.proxy_options() == ["-Dhttps.proxyHost=proxy.bank.example", "-Dhttps.proxyPort=8080"]
    monkeypatch.delenv("https_proxy")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    assert jars.proxy_options() == []
