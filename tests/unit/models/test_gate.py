from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conf.models import GateSpec
from models.core.gate import Evidence, judge, too_few
from models.core.metrics import NAN

SPEC = GateSpec(metric="auc", min_cases=200, min_later_cases=50, min_margin=0.01, max_calibration_error=0.02)
GOOD = Evidence(value=0.80, baseline=0.70, champion=0.78, calibration_error=0.01, cases=200, later_cases=50)


def test_what_beats_baseline_and_champion_on_enough_cases_is_promoted() -> None:
    verdict = judge("churn", SPEC, GOOD)
    assert verdict.promoted
    assert verdict.reason == "beats the naive baseline and the champion"
    assert str(replace(verdict, version=3)) == (
        "churn: version 3 promoted: beats the naive baseline and the champion "
        "(auc 0.8000, baseline auc 0.7000, champion auc 0.7800)"
    )


def test_the_first_model_has_only_the_baseline_to_beat() -> None:
    verdict = judge("churn", SPEC, replace(GOOD, champion=NAN))
    assert verdict.promoted
    assert verdict.champion is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cases": 199}, "too few cases: 199 of 200 needed"),
        ({"later_cases": 49}, "too few cases to judge by: 49 of 50 needed in the later window"),
        ({"value": 0.71}, "does not beat the naive baseline: auc 0.7100 against 0.7000"),
        ({"value": 0.79}, "does not beat the champion: auc 0.7900 against 0.7800"),
        ({"value": NAN}, "auc can't be measured on the later window"),
        ({"calibration_error": 0.021}, "is not calibrated: error 0.021, at most 0.02 allowed"),
        ({"calibration_error": -0.021}, "is not calibrated: error -0.021, at most 0.02 allowed"),
        ({"calibration_error": NAN}, "is not calibrated: error nan, at most 0.02 allowed"),
    ],
)
def test_each_refusal_says_why(change: dict[str, Any], reason: str) -> None:
    verdict = judge("churn", SPEC, replace(GOOD, **change))
    assert not verdict.promoted
    assert verdict.reason == reason


def test_calibration_error_at_the_limit_is_allowed() -> None:
    assert judge("churn", SPEC, replace(GOOD, calibration_error=0.02)).promoted


def test_enough_cases_raise_no_objection() -> None:
    assert too_few(SPEC, 200, 50) is None
