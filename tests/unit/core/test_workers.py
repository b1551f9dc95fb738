"""What the process that workers are forked from leaves as it is."""

from __future__ import annotations

import zipfile
from pathlib import Path
from zipimport import zipimporter

import pytest

from jobs.workers import keep_archives


def test_an_archive_on_the_path_is_listed_once_whatever_spark_asks_of_each_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that it is set back afterwards.
    monkeypatch.setattr(zipimporter, "invalidate_caches", zipimporter.invalidate_caches)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("held.py", "")
    finder = zipimporter(str(tmp_path / "a.zip"))
    (tmp_path / "a.zip").unlink()
    keep_archives()
    finder.invalidate_caches()  # would find no archive and forget what was in it
    assert not finder.is_package("held")
