from __future__ import annotations

from pathlib import Path

import pytest

from conf.bank import open_bank
from conf.matching import MatchingConf
from jobs.cli.learn import _write
from jobs.core.errors import UsageError
from models.matching.learning import Fit, Gain, Learnt, corrected


def test_what_is_learnt_is_configuration_that_a_bank_can_lay_over_its_own(tmp_path: Path) -> None:
    rules = open_bank("demo").section("matching", MatchingConf).person
    fit = Fit(-0.5, {("phone", 1): -3.0})
    learnt = Learnt(fit, 1.0, 40, Gain(0.6, 0.9), Gain(0.9, 0.4))
    _write(tmp_path / "banks" / "demo" / "matching" / "learnt.yml", {"person": (rules, learnt)})
    read = open_bank("demo", (tmp_path,)).section("matching", MatchingConf)
    assert read.person == corrected(rules, fit)
    assert read.organisation == open_bank("demo").section("matching", MatchingConf).organisation


def test_nothing_is_written_where_nothing_got_better(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to write"):
        _write(tmp_path / "learnt.yml", {})
