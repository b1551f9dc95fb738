"""Where packages come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup import sources
from setup.console import SetupError


def test_pips_settings_reach_uv_which_does_not_read_them() -> None:
    pip = {"index-url": "https://mirror.bank.example/simple", "find-links": "/a\n/b", "timeout": "60"}
    assert sources.from_pip(pip, {}) == {
        "UV_DEFAULT_INDEX": "https://mirror.bank.example/simple",
        "UV_FIND_LINKS": "/a /b",
    }


def test_what_uv_was_told_itself_stands() -> None:
    pip = {"index-url": "https://mirror.bank.example/simple"}
    assert sources.from_pip(pip, {"UV_DEFAULT_INDEX": "https://other.bank.example/simple"}) == {}


def test_a_wheelhouse_shuts_every_index_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHEELHOUSE", str(tmp_path))
    assert sources.install_options() == ["--no-index", "--find-links", str(tmp_path)]
    assert "UV_DEFAULT_INDEX" not in sources.uv_environment(tmp_path)


def test_a_wheelhouse_that_is_no_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHEELHOUSE", str(tmp_path / "lost"))
    with pytest.raises(SetupError, match=r"WHEELHOUSE=.*lost is no folder"):
        sources.install_options()


def test_the_cache_moves_into_the_clone_where_the_users_own_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # a file holds no folder, for root either
    assert sources.uv_environment(tmp_path)["UV_CACHE_DIR"] == str(tmp_path / ".cache" / "uv")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fine"))
    assert "UV_CACHE_DIR" not in sources.uv_environment(tmp_path)
