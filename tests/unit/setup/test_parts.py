"""How `make test` parts the tests: everything runs once, whatever fails, and a failure is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from setup import tests

ROOT = Path(__file__).resolve().parents[3]


def test_every_folder_of_tests_is_in_one_part() -> None:
    named = [folder for part in tests.PARTS for folder in part]
    assert len(named) == len(set(named))
    folders = {f"tests/{f.name}" for f in (ROOT / "tests").iterdir() if any(f.glob("**/test_*.py"))}
    assert {n for n in named if n.count("/") == 1} == folders


def test_a_part_leaves_out_what_another_has() -> None:
    first, second = tests.commands([("tests/spec/a", "tests/b"), ("tests/spec",)])
    assert first[-2:] == ["tests/spec/a", "tests/b"]
    assert second[-2:] == ["tests/spec", "--ignore=tests/spec/a"]


def test_all_run_and_failures_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    calls = [[sys.executable, "-c", f"import sys; print('said', {n}); sys.exit({n})"] for n in (1, 0, 2)]
    assert tests.run(calls, lanes=2) == 2
    told = capsys.readouterr().out
    assert all(f"said {n}" in told for n in (0, 1, 2))
