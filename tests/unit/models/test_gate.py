from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conf.models import GateSpec
from models.core.bootstrap import Interval
from models.core.fairness import Gap
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
        (
            {"over_baseline": Interval(0.1, 0.009, 0.19)},
            "does not beat the naive baseline beyond noise: auc ahead by 0.1000 [0.0090, 0.1900]",
        ),
        (
            {"over_champion": Interval(0.02, -0.01, 0.05)},
            "does not beat the champion beyond noise: auc ahead by 0.0200 [-0.0100, 0.0500]",
        ),
        ({"psi": 0.26}, "is not stable: scores moved by PSI 0.260 since training, at most 0.25 allowed"),
        (
            {"gaps": [Gap("age", "tpr", "young", "old", 0.4, 0.21)]},
            "is not fair: tpr by age differs by 0.400 (young above old), at most 0.2 allowed",
        ),
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


def test_a_lead_beyond_noise_a_gap_within_chance_and_an_error_of_few_rows_are_allowed() -> None:
    seen = replace(
        GOOD,
        over_baseline=Interval(0.1, 0.011, 0.19),
        gaps=[
            Gap("age", "tpr", "young", "old", 0.4, 0.19),
            Gap("age", "selection", "young", "old", 0.9, 0.9),
        ],
        calibration_error=0.05,
        calibration_noise=0.06,
    )
    assert judge("churn", SPEC, seen).promoted


def test_enough_cases_raise_no_objection() -> None:
    assert too_few(SPEC, 200, 50) is None
