from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import real_sets
from bench.real_sets import SETS, RealSet

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
SIZES = {
    "Bank Marketing": (41_188, 4_640),
    "UCI default": (30_000, 6_636),
    "Berka balance drop": (4_057, 406),
    "Berka card taken": (3_614, 364),
    "Berka loan taken": (3_536, 110),
    "Berka loan default": (682, 76),
}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real sets aren't at {DATA}")
@pytest.mark.parametrize("one", SETS, ids=lambda one: one.name)
def test_a_set_has_its_rows_and_cases_and_no_column_of_its_future(one: RealSet) -> None:
    frame = one.load(DATA)
    cases = frame[one.label].isin([1, True, "yes"])
    assert (len(frame), int(cases.sum())) == SIZES[one.name]
    assert not {"account_id", "status", "loan_id", "ID"} & set(frame.columns)
    if one.name.startswith("Bank"):
        assert "duration" not in frame


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real sets aren't at {DATA}")
def test_who_took_a_card_or_loan_in_1998_did_not_hold_it_before() -> None:
    for load, held in ((real_sets.card_taken, "has_card"), (real_sets.loan_taken, "has_loan")):
        assert (load(DATA)[held] == 0).all()


def test_run_as_a_script_it_finds_the_packages_and_says_what_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "models.py"), "--data", str(tmp_path), "--only", "CDNOW", "--json"],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
    assert "CDNOW 39+39: left out: there is no file" in done.stderr
